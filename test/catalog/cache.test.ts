import assert from "node:assert/strict";
import { cacheLayout, largestSequence, sequenceBytes } from "../../catalog/cache";
import type { Attention } from "../../catalog/model";
import { knownModel } from "../../catalog/models";

const attentionOf = (name: string): Attention => {
  const attention = knownModel(name)?.attention;
  assert.ok(attention, name);
  return attention;
};
const tokenBytes = (name: string, setup = {}) => cacheLayout(attentionOf(name), setup).tokenBytes;

describe("the cache of a model", () => {
  it("takes the bytes of a token that were published, in the layers that grow", () => {
    const published: Record<string, number> = {
      "meta-llama/Llama-3.1-8B-Instruct": 131_072,
      "meta-llama/Llama-3.3-70B-Instruct": 327_680,
      "mistralai/Mistral-7B-Instruct-v0.3": 131_072,
      "microsoft/phi-4": 204_800,
      "mistralai/Ministral-3-8B-Instruct-2512": 139_264,
      "mistralai/Ministral-3-14B-Instruct-2512": 163_840,
      "google/gemma-3-27b-it": 81_920,
      "google/gemma-4-31B-it": 81_920,
      "Qwen/Qwen2.5-Coder-32B-Instruct": 262_144,
      "Qwen/Qwen3-8B-AWQ": 147_456,
      "Qwen/Qwen3.5-9B": 32_768,
      "Qwen/Qwen3.6-27B": 65_536,
      "Qwen/Qwen3.8-27B": 65_536,
      "Qwen/Qwen3.6-35B-A3B": 20_480,
      "Qwen/Qwen3.5-122B-A10B": 24_576,
      "Qwen/Qwen3.5-397B-A17B-GPTQ-Int4": 30_720,
      "openai/gpt-oss-20b": 24_576,
      "openai/gpt-oss-120b": 36_864,
      "nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16": 6_144,
      "mistralai/Mistral-Small-4-119B-2603": 23_040,
      "mistralai/Mistral-Medium-3.5-128B": 360_448,
      "MiniMaxAI/MiniMax-M2.7": 253_952,
      "moonshotai/Kimi-K2.6": 70_272,
      "ibm-granite/granite-4.1-8b": 163_840,
    };
    const ours = Object.keys(published).map((name) => [name, tokenBytes(name)]);
    assert.deepEqual(Object.fromEntries(ours), published);
  });

  it("holds the index of sparse attention besides", () => {
    assert.equal(tokenBytes("deepseek-ai/DeepSeek-V3.2"), 70_272 + 61 * 132);
    assert.equal(tokenBytes("zai-org/GLM-5.2-FP8"), 89_856 + 78 * 132);
  });

  it("takes for a sequence of 262,144 tokens the bytes that vLLM 0.29 was seen to take", () => {
    const bytes = (name: string) => sequenceBytes(cacheLayout(attentionOf(name)), 262_144);
    assert.equal(bytes("Qwen/Qwen3.8-27B"), 17_520_656_384);
    assert.equal(bytes("Qwen/Qwen3.6-35B-A3B"), 5_514_854_400);
    assert.equal(bytes("nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16"), 1_725_628_416);
  });

  it("takes for the layers of Gemma 4 that see all tokens 8,192 pages of 2,621,440 bytes", () => {
    const { tokenBytes } = cacheLayout(attentionOf("google/gemma-4-31B-it"));
    assert.equal(tokenBytes * 262_144, 8192 * 2_621_440);
  });

  it("takes the tokens of a window and of one batch in sliding layers, however long a sequence is", () => {
    const layout = cacheLayout(attentionOf("openai/gpt-oss-20b"), { batchTokens: 2048 });
    const sliding = (tokens: number) => sequenceBytes(layout, tokens) - tokens * layout.tokenBytes;
    assert.equal(sliding(131_072), (128 - 1 + 2048 + 1 + 16) * 24_576);
    assert.equal(sliding(131_072), sliding(16_384));
    assert.equal(sliding(1024), (1024 + 16) * 24_576);
  });

  it("is divided among GPUs by heads, of which each GPU has at least one", () => {
    const at = (tensorParallel: number) => tokenBytes("Qwen/Qwen3.6-27B", { tensorParallel });
    assert.deepEqual([1, 2, 4, 8].map(at), [65_536, 32_768, 16_384, 16_384]);
  });

  it("is whole on every GPU with latent attention", () => {
    assert.equal(tokenBytes("moonshotai/Kimi-K2.6", { tensorParallel: 8 }), 70_272);
  });

  it("is divided by layers, and the fullest GPU counts", () => {
    assert.equal(tokenBytes("moonshotai/Kimi-K2.6", { pipelineParallel: 2 }), 31 * 576 * 2);
  });

  it("takes half in FP8, with blocks twice as large besides states", () => {
    const layout = (valueBytes: 1 | 2) =>
      cacheLayout(attentionOf("Qwen/Qwen3.8-27B"), { valueBytes, tensorParallel: 2 });
    assert.equal(layout(1).tokenBytes, layout(2).tokenBytes / 2);
    assert.deepEqual([layout(1).blockTokens, layout(2).blockTokens], [1568, 784]);
  });

  it("fills the last group of layers up", () => {
    const attention = { fullLayers: 10, kvHeads: 1, headDim: 1, slidingLayers: 52, window: 16 };
    assert.equal(cacheLayout(attention).slidingTokenBytes, 60 * 4);
    const almostAsMany = { ...attention, fullLayers: 8, slidingLayers: 9 };
    assert.equal(cacheLayout(almostAsMany).tokenBytes, 9 * 4);
  });
});

describe("the largest sequence in so many bytes", () => {
  const layout = cacheLayout({ fullLayers: 1, kvHeads: 1, headDim: 1 });

  it("is a whole number of blocks", () => {
    assert.equal(largestSequence(layout, 4 * 100, 1000), 96);
  });

  it("is at most what the model takes, whole blocks or not", () => {
    assert.equal(largestSequence(layout, 4 * 5000, 1001), 1001);
  });

  it("is 0 where not even one block fits", () => {
    assert.equal(largestSequence(layout, 4 * 15, 1000), 0);
  });
});
