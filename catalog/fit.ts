import { attemptWith, batch, gib, memoryShare, overheadGiB, type Attempt } from "./attempt";
import { sequenceBytes, type CacheLayout } from "./cache";
import type { FitDemand, FitTarget } from "./fit-demand";
import type { Fit, FitResult, Misfit } from "./fit-result";
import {
  cudaMemoryGiB,
  hasBf16,
  hasFp8Cache,
  hasLinearAttention,
  hasSparseAttention,
  runsWeights,
} from "./gpu-types";
import type { ModelShape } from "./model";
import { writesText } from "./model-task";
import { isUsualCount } from "./parallel";

export { memoryShare } from "./attempt";
export type { FitDemand, FitTarget } from "./fit-demand";

/** The fewest GPUs on which a model does what is asked of it, or why none do. */
export function fit(model: ModelShape, target: FitTarget, demand: FitDemand = {}): FitResult {
  const { shares = 1 } = target;
  const isPart = target.shares !== undefined;
  const { gpusPerPod = isPart ? 1 : target.gpusPerNode } = target;
  const refused = refusal(model, target, demand, gpusPerPod);
  if (refused) return { misfit: refused };
  const cudaGiB = cudaMemoryGiB(target.gpu, target.gpuMemoryGiB * shares) / shares;
  const most = demand.gpus ?? (runsOnOneGpu(model) ? 1 : gpusPerPod);
  // Nothing joins slices, or the shares of GPUs that pods take turns on.
  const mostNodes = isPart
    ? 1
    : Math.min(demand.nodes ?? 1, Math.max(1, target.maxNodes ?? Infinity));
  let closest: Attempt | undefined;
  for (let nodes = 1; nodes <= mostNodes; nodes++) {
    // Of several machines all GPUs are taken: fewer GPUs of more machines are a slower way to the same memory.
    for (let gpus = demand.gpus ?? (nodes > 1 ? most : 1); gpus <= most; gpus++) {
      if (demand.gpus === undefined && !isUsualCount(model, gpus, most)) continue;
      const attempt = attemptWith(model, cudaGiB * memoryShare, demand, gpus, nodes);
      if (!attempt) continue;
      if (attempt.missing <= 0) return { fit: fitOf(model, target, demand, attempt) };
      if (!closest || attempt.missing < closest.missing) closest = attempt;
    }
  }
  if (!closest) return { misfit: { reason: "division", gpus: most, heads: model.heads } };
  const { gpus, nodes, missing, longest: largestContext } = closest;
  const missingGiB = (missing * gpus * nodes) / gib;
  return { misfit: { reason: "memory", missingGiB, gpus, nodes, largestContext } };
}

/** Why a model does not run there, however much memory there is. */
function refusal(
  model: ModelShape,
  { gpu }: FitTarget,
  demand: FitDemand,
  gpusPerPod: number,
): Misfit | undefined {
  const { weightType, maxContext } = model;
  const { contextTokens, cacheType, gpus = 1 } = demand;
  if (!runsWeights(gpu, weightType)) return { reason: "weight-type", weightType };
  if (cacheType === "fp8" && !hasFp8Cache(gpu)) return { reason: "cache-type", cacheType };
  if (model.sparse && !hasSparseAttention(gpu)) return { reason: "attention", kind: "sparse" };
  if (model.attention?.stateLayers && !hasLinearAttention(gpu)) {
    return { reason: "attention", kind: "linear" };
  }
  if (gpus > gpusPerPod) return { reason: "gpus", gpus, gpusPerPod };
  if (gpus > 1 && runsOnOneGpu(model)) return { reason: "one-gpu", gpus };
  if (contextTokens === undefined) {
    return model.attention || !writesText(model) ? undefined : { reason: "no-formula" };
  }
  return contextTokens > maxContext ? { reason: "context", contextTokens, maxContext } : undefined;
}

/** Whether the engine that runs the model divides it among no GPUs: llama.cpp as it is set up here, and the embeddings server. */
function runsOnOneGpu(model: ModelShape): boolean {
  return model.weightType === "gguf" || !writesText(model);
}

/** How the model runs in an attempt that fits. */
function fitOf(
  model: ModelShape,
  { gpu, shares = 1 }: FitTarget,
  { concurrency = 1, cacheType = "auto" }: FitDemand,
  attempt: Attempt,
): Fit {
  const { gpus, nodes, tensorParallel, pipelineParallel, weights, room, layout } = attempt;
  const contextTokens = attempt.longest;
  const gibOfAll = (gpus * nodes) / gib;
  const sequences = layout && room / sequenceBytes(layout, contextTokens);
  // llama.cpp makes a slot for each sequence, so it gets no more than are wanted.
  const hasSlots = model.weightType === "gguf";
  return {
    gpus,
    nodes,
    tensorParallel,
    pipelineParallel,
    contextTokens,
    concurrency: hasSlots || !sequences ? concurrency : Math.floor(sequences),
    cacheTokens: sequences === undefined ? undefined : Math.floor(sequences * contextTokens),
    batchTokens: batch.tokens,
    batchSequences: hasSlots
      ? concurrency
      : Math.min(batch.tokens, Math.max(concurrency, sequencesAtOnce(layout, room))),
    computeType: model.weightType === "bf16" && !hasBf16(gpu) ? "float16" : "auto",
    cacheType,
    // The engine counts in parts of the whole GPU, also where pods share it.
    memoryShare: Math.floor((memoryShare / shares) * 1000) / 1000,
    gib: {
      weights: weights * gibOfAll,
      overhead: overheadGiB * gpus * nodes,
      cache: room * gibOfAll,
    },
  };
}

/** Sequences that the engine may process at once: vLLM does not start where their states need more blocks than there are (docs/facts.md 16.5). */
function sequencesAtOnce(layout: CacheLayout | undefined, room: number): number {
  if (!layout || layout.stateBytes === 0) return batch.sequences;
  return Math.min(batch.sequences, Math.floor(room / layout.blockBytes));
}
