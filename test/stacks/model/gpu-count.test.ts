import assert from "node:assert/strict";
import { chatOnPool, refusal } from "../stack-files";

const stackOf = (entry: string) =>
  chatOnPool(
    "h100: { gpu: H100, gpusPerNode: 8, select: { gpu: h100 }, nodes: { max: 4 } }",
    entry,
  );
const wanted = "model: Qwen/Qwen3-32B, contextTokens: 32768, concurrency: 16, pool: h100";

describe("a number of GPUs on which a model does not fit", () => {
  for (const gpus of [1, 2, 16]) {
    it(`is ${gpus}: the number that fits on the same pool is named, and no other machine`, () => {
      const text = refusal(() => stackOf(`${wanted}, gpus: ${gpus}`));

      assert.match(text, /services\.chat\.gpus: does not fit: h100: /);
      assert.match(
        text,
        /do: +write gpus: 4, or remove gpus: the model gets as many as it takes\n/,
      );
      assert.ok(!text.includes("nodesPerReplica"), text);
    });
  }

  it("is as it was where no number fits", () => {
    const giant = "model: deepseek-ai/DeepSeek-V3.2, contextTokens: 8192, gpus: 8";
    assert.match(
      refusal(() => stackOf(giant)),
      /or write nodesPerReplica: 2/,
    );
  });

  it("is not there with the number that is named, or without one", () => {
    for (const gpus of [", gpus: 4", ""]) {
      assert.equal(stackOf(wanted + gpus).services.chat?.gpus, 4, gpus);
    }
  });
});
