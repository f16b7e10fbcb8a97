import assert from "node:assert/strict";
import { cacheLayout } from "../../catalog/cache";
import { fit, memoryShare, type FitDemand } from "../../catalog/fit";
import { knownModel } from "../../catalog/models";

/** What vLLM printed when it started, and where that was published (docs/facts.md 16.16). */
interface Published {
  what: string;
  model: string;
  /** GiB of one GPU that CUDA gave, and the part of it that vLLM was told to take. */
  cudaGiB: number;
  share: number;
  demand?: FitDemand;
  /** Tokens of all sequences together, or GiB of the cache on one GPU. */
  tokens?: number;
  cacheGiB?: number;
}

const published: readonly Published[] = [
  {
    what: "Llama 3.1 8B on an RTX 3090",
    model: "meta-llama/Llama-3.1-8B-Instruct",
    ...{ cudaGiB: 23.58, share: 0.9, tokens: 1952 * 16 },
  },
  {
    what: "Llama 3.1 8B on an A100 with 40 GB",
    model: "meta-llama/Llama-3.1-8B-Instruct",
    ...{ cudaGiB: 39.49, share: 0.9, tokens: 163_168 },
  },
  {
    what: "Llama 3.1 8B on an RTX A6000",
    model: "meta-llama/Llama-3.1-8B-Instruct",
    ...{ cudaGiB: 47.53, share: 0.9, tokens: 221_824 },
  },
  {
    what: "Llama 3.1 8B on an H100 NVL, with four times as many sequences at once",
    model: "meta-llama/Llama-3.1-8B-Instruct",
    ...{ cudaGiB: 93.1, share: 0.9, tokens: 545_456 },
  },
  {
    what: "gpt-oss-20b on an A100 with 80 GB",
    model: "openai/gpt-oss-20b",
    ...{ cudaGiB: 79.25, share: 0.65, cacheGiB: 36.56 },
  },
  {
    what: "Gemma 4 26B A4B on an A100 with 80 GB",
    model: "google/gemma-4-26B-A4B-it",
    ...{ cudaGiB: 79.25, share: 0.9, cacheGiB: 21.5 },
  },
  {
    what: "Qwen3.8 27B in FP8 on two RTX 3090",
    model: "Qwen/Qwen3.8-27B-FP8",
    ...{ cudaGiB: 23.56, share: 0.92, tokens: 302_921 },
    demand: { gpus: 2, contextTokens: 131_072, cacheType: "fp8" },
  },
];

const shapeOf = (name: string) => {
  const found = knownModel(name);
  assert.ok(found, name);
  return found;
};

describe("the room that the fit finds", () => {
  for (const { what, model, cudaGiB, share, demand = {}, tokens, cacheGiB } of published) {
    it(`is 0.90 to 1.00 of what vLLM printed: ${what}`, () => {
      const { gpus = 1 } = demand;
      // The fit is told of a GPU of which its own share is what vLLM took.
      const gpuMemoryGiB = (cudaGiB * share) / memoryShare;
      const { fit: found } = fit(shapeOf(model), { gpuMemoryGiB, gpusPerNode: gpus }, demand);
      assert.ok(found);
      const ratio =
        tokens === undefined
          ? found.gib.cache / gpus / (cacheGiB ?? NaN)
          : (found.cacheTokens ?? NaN) / tokens;
      assert.ok(ratio >= 0.9 && ratio <= 1, `${ratio.toFixed(3)} of it`);
    });
  }
});

describe("the bytes of a token", () => {
  it("are those of Qwen3 235B on four GPUs: 178,880 tokens in 8.11 GiB of each", () => {
    const attention = { fullLayers: 94, kvHeads: 4, headDim: 128 };
    const { tokenBytes } = cacheLayout(attention, { tensorParallel: 4 });
    const tokens = (8.11 * 1024 ** 3) / tokenBytes;
    assert.ok(Math.abs(tokens / 178_880 - 1) < 0.02, `${tokens}`);
  });

  it("are those of Qwen3 1.7B: 175,856 tokens in 18.78 GiB", () => {
    const { tokenBytes } = cacheLayout({ fullLayers: 28, kvHeads: 8, headDim: 128 });
    const tokens = (18.78 * 1024 ** 3) / tokenBytes;
    assert.ok(Math.abs(tokens / 175_856 - 1) < 0.001, `${tokens}`);
  });

  it("are those of Qwen3.8 27B with blocks of 1,568 tokens: 208 blocks in 4.99 GiB of each of two GPUs", () => {
    const { attention } = shapeOf("Qwen/Qwen3.8-27B-FP8");
    assert.ok(attention);
    const { blockBytes } = cacheLayout(attention, { tensorParallel: 2, valueBytes: 1 });
    assert.equal(Math.floor((4.99 * 1024 ** 3) / blockBytes), 208);
  });
});
