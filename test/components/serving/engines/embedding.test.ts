import assert from "node:assert/strict";
import { vllm } from "../../../../components/serving/engines/vllm";
import { onL4 } from "./served";

const batchOf = (args: readonly string[]) => args[args.indexOf("--max-num-batched-tokens") + 1];

describe("vLLM", () => {
  it("processes the longest input of a model that makes embeddings at once", () => {
    const shape = { ...onL4.shape, task: "embed" } as const;
    const fit = { ...onL4.fit, contextTokens: 8192 };
    assert.equal(batchOf(vllm.args({ ...onL4, shape, fit })), "8192");
    const short = { ...onL4.fit, contextTokens: 512 };
    assert.equal(batchOf(vllm.args({ ...onL4, shape, fit: short })), "2048");
  });

  it("processes a long input of a model that writes text in parts", () => {
    assert.equal(batchOf(vllm.args(onL4)), "2048");
  });
});
