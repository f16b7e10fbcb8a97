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
