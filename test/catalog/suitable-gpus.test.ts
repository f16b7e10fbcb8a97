import assert from "node:assert/strict";
import { knownModel } from "../../catalog/models";
import { gpusFor } from "../../catalog/suitable-gpus";

/** The GPUs that hold a model of the catalog. */
function suitable(name: string, ...of: [contextTokens: number, most?: number]) {
  const [contextTokens, most] = of;
  const model = knownModel(name) ?? assert.fail(`${name} is in no table`);
  return gpusFor(model, { contextTokens }, most).map(({ gpu, count }) => `${count} x ${gpu}`);
}

describe("GPUs that hold a model", () => {
  it("are those of least memory, as few as will do", () => {
    assert.deepEqual(suitable("openai/gpt-oss-120b", 32768), ["1 x A100-80", "1 x H100"]);
    assert.deepEqual(suitable("Qwen/Qwen3-8B-AWQ", 16384, 1), ["1 x T4"]);
  });

  it("are of one machine: there are none for what takes more", () => {
    const model = knownModel("zai-org/GLM-5.2-FP8") ?? assert.fail("GLM is in no table");
    assert.deepEqual(gpusFor({ ...model, weightsGiB: 2500 }, { contextTokens: 8192 }), []);
  });
});
