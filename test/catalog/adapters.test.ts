import assert from "node:assert/strict";
import { adaptersGiB } from "../../catalog/adapters";
import { fit } from "../../catalog/fit";
import type { ModelShape } from "../../catalog/model";
import { knownModel } from "../../catalog/models";

const model = (name: string): ModelShape => {
  const found = knownModel(name);
  assert.ok(found, name);
  return found;
};
const gb = (shape: ModelShape, count: number, rank?: number) =>
  (adaptersGiB(shape, { count, rank }) * 1024 ** 3) / 1e9;

const llama = model("meta-llama/Llama-3.1-8B-Instruct");
const l4 = { gpuMemoryGiB: 22.4, gpusPerNode: 1 };

describe("the room for LoRA adapters", () => {
  it("is a little more than all matrices of the model take, which is 84 MB for each", () => {
    // Per layer: queries and output 4096 by 4096, keys and values by 1024, three matrices by 14336.
    const width = 32 * (2 * 8192 + 2 * 5120 + 3 * 18432);
    const exact = (width * 16 * 2) / 1e9;
    assert.equal(exact.toFixed(3), "0.084");
    assert.equal(gb(llama, 1).toFixed(3), "0.105");
  });

  it("grows with the adapters and with their rank", () => {
    assert.equal(gb(llama, 4).toFixed(2), "0.42");
    assert.equal(gb(llama, 1, 64).toFixed(2), "0.42");
  });

  it("has a part for each expert of a layer", () => {
    // 257 experts of 2048 by 512 in 40 layers.
    const experts = (257 * 3 * 40 * (2048 + 512) * 16 * 2) / 1e9;
    const qwen = model("Qwen/Qwen3.6-35B-A3B");
    const counted = gb({ ...qwen, hidden: 2048, experts: 257 }, 1);
    assert.ok(counted >= experts && counted < experts * 1.1, `${counted} of ${experts}`);
    assert.ok(gb(qwen, 1) >= experts, "of a model of which the width is not known");
  });

  it("is taken from the cache of every GPU", () => {
    const cacheGiB = (count?: number, gpusPerNode = 1, gpus = 1) => {
      const adapters = count === undefined ? undefined : { count };
      const found = fit(llama, { ...l4, gpusPerNode }, { adapters, gpus, contextTokens: 4096 });
      assert.ok(found.fit, JSON.stringify(found.misfit));
      return found.fit.gib.cache;
    };
    const each = adaptersGiB(llama, { count: 8 });
    assert.equal((cacheGiB() - cacheGiB(8)).toFixed(3), each.toFixed(3));
    assert.equal((cacheGiB(undefined, 2, 2) - cacheGiB(8, 2, 2)).toFixed(3), (2 * each).toFixed(3));
  });

  it("keeps a model from GPUs that it would fit on without them", () => {
    const wanted = { contextTokens: 16384, gpus: 1 };
    assert.ok(fit(llama, l4, wanted).fit);
    const { misfit } = fit(llama, l4, { ...wanted, adapters: { count: 8 } });
    assert.equal(misfit?.reason, "memory");
  });
});
