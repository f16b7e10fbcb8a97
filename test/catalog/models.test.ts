import assert from "node:assert/strict";
import { cacheLayout } from "../../catalog/cache";
import { knownModel, models } from "../../catalog/models";
import { divides } from "../../catalog/parallel";

describe("the known models", () => {
  it("are found by their name on the hub, which tells capital letters from small ones", () => {
    assert.equal(knownModel("openai/gpt-oss-20b")?.weightsGiB, 12.8);
    assert.equal(knownModel("OpenAI/gpt-oss-20b"), undefined);
  });

  it("have names of their own, with an owner", () => {
    assert.equal(new Set(models.map(({ name }) => name)).size, models.length);
    assert.deepEqual(
      models.filter(({ name }) => !/^[\w.-]+\/[\w.-]+$/.test(name)),
      [],
    );
  });

  it("have as many layers with a cache as they have layers, but for Mamba's with others between", () => {
    const different = models.flatMap(({ name, layers, attention }) => {
      if (!attention) return [];
      const { fullLayers, slidingLayers = 0, stateLayers = 0 } = attention;
      return fullLayers + slidingLayers + stateLayers === layers ? [] : [name];
    });
    assert.deepEqual(different, ["nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16"]);
  });

  it("have about the size that their parameters and types make", () => {
    const bits: Record<string, number> = { fp32: 32, bf16: 16, fp8: 8 };
    for (const { name, parametersB, weightsGiB, weightType } of models) {
      const each = bits[weightType];
      if (parametersB === undefined || each === undefined) continue;
      const ratio = (weightsGiB * 1024 ** 3) / ((parametersB * 1e9 * each) / 8);
      assert.ok(ratio > 0.9 && ratio < 1.35, `${name}: ${ratio}`);
    }
  });

  it("tell the file of those in GGUF alone", () => {
    for (const { file, weightType } of models) assert.equal(!!file, weightType === "gguf");
  });

  it("make caches of whole bytes on one, two, four and eight GPUs", () => {
    for (const model of models) {
      for (const tensorParallel of [1, 2, 4, 8].filter((gpus) => divides(model, gpus))) {
        const layout = model.attention && cacheLayout(model.attention, { tensorParallel });
        const numbers = Object.values(layout ?? {}).filter((one) => one !== Infinity);
        assert.ok(numbers.every(Number.isInteger), `${model.name} on ${tensorParallel}`);
      }
    }
  });

  it("are gated where the hub asks for accepted terms", () => {
    assert.deepEqual(
      models.filter(({ gated }) => gated).map(({ name }) => name),
      [
        "meta-llama/Llama-3.1-8B-Instruct",
        "meta-llama/Llama-3.3-70B-Instruct",
        "google/gemma-3-27b-it",
      ],
    );
  });
});
