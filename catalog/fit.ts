import { cacheLayout, largestSequence, sequenceBytes, type CacheLayout } from "./cache";
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
import { isUsualCount, widestTensorParallel } from "./parallel";

/** GPUs of one kind of machine, as pods can have them. */
export interface FitTarget {
  /** Name of the GPU. @default unknown: it is taken to run everything, in all of `gpuMemoryGiB` */
  gpu?: string;
  /** GiB of one GPU, or of the part of it that a pod gets. */
  gpuMemoryGiB: number;
  /** GPUs of one machine. */
  gpusPerNode: number;
  /** The most GPUs of one pod; 1 where GPUs are cut or shared. @default `gpusPerNode`, 1 with `shares` */
  gpusPerPod?: number;
  /** Pods that take turns on one GPU, each with its part of the memory. @default 1 */
  shares?: number;
}

/** What is asked of a replica. */
export interface FitDemand {
  /** Tokens that one sequence must be able to have. @default as many as fit, at most the model's */
  contextTokens?: number;
  /** Sequences of that length that a replica must hold at once. @default 1 */
  concurrency?: number;
  /** Numbers of the cache. @default "auto" */
  cacheType?: "auto" | "fp8";
  /** GPUs of one pod, exactly. @default as few as will do */
  gpus?: number;
  /** The most machines that one replica may take. @default 1 */
  nodes?: number;
}

/** Part of a GPU's memory that engines take, which they are told; they make CUDA graphs in the rest. */
export const memoryShare = 0.9;

/** Tokens and sequences that an engine processes at once, which it is told: the activations below hold for them (docs/facts.md 16.6). */
export const batch = { tokens: 2048, sequences: 256 } as const;

/** GiB of each GPU for activations and for what CUDA takes itself (docs/facts.md 16.1). */
const overheadGiB = 1.7 + 0.6;

/** Tokens of a sequence that a model must hold where nothing is said: a chat needs that many. */
const leastContext = 4096;

/** Part of a GPU that must be left for a cache whose size no formula tells. */
const leastCacheShare = 0.1;

const gib = 1024 ** 3;

/** The fewest GPUs on which a model does what is asked of it, or why none do. */
export function fit(model: ModelShape, target: FitTarget, demand: FitDemand = {}): FitResult {
  const { shares = 1, gpusPerPod = shares > 1 ? 1 : target.gpusPerNode } = target;
  const refused = refusal(model, target, demand, gpusPerPod);
  if (refused) return { misfit: refused };
  const cudaGiB = cudaMemoryGiB(target.gpu, target.gpuMemoryGiB * shares) / shares;
  const most = demand.gpus ?? (runsOnOneGpu(model) ? 1 : gpusPerPod);
  let closest: Attempt | undefined;
  for (let nodes = 1; nodes <= (demand.nodes ?? 1); nodes++) {
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
    return model.attention || model.task === "embed" ? undefined : { reason: "no-formula" };
  }
  return contextTokens > maxContext ? { reason: "context", contextTokens, maxContext } : undefined;
}

/** Whether the engine that runs the model divides it among no GPUs: llama.cpp as it is set up here, and the embeddings server. */
function runsOnOneGpu({ weightType, task }: ModelShape): boolean {
  return weightType === "gguf" || task === "embed";
}

/** A model on so many GPUs: bytes are those of one GPU. */
interface Attempt {
  gpus: number;
  nodes: number;
  tensorParallel: number;
  pipelineParallel: number;
  weights: number;
  /** What is left for the cache. */
  room: number;
  /** How sequences are laid out in it; undefined: there is no cache, or no formula for it. */
  layout: CacheLayout | undefined;
  /** The longest sequence that fits at the concurrency wanted; 0: none does. */
  longest: number;
  /** What is missing for what is wanted. */
  missing: number;
}

/** A model on so many GPUs of so many machines; undefined: it cannot be divided among them. */
function attemptWith(
  model: ModelShape,
  budgetGiB: number,
  { contextTokens, concurrency = 1, cacheType }: FitDemand,
  gpus: number,
  nodes: number,
): Attempt | undefined {
  const { layers, attention, maxContext, task } = model;
  const tensorParallel = widestTensorParallel(model, gpus);
  const pipelineParallel = (gpus / tensorParallel) * nodes;
  if (pipelineParallel > layers) return undefined;
  const ofLayers = Math.ceil(layers / pipelineParallel) / layers;
  const weights = ((weightsInMemoryGiB(model) * ofLayers) / tensorParallel) * gib;
  const room = (budgetGiB - overheadGiB) * gib - weights;
  const longestWanted = contextTokens ?? maxContext;
  if (!attention || task === "embed") {
    const least = task === "embed" ? 0 : (budgetGiB / memoryShare) * leastCacheShare * gib;
    const [longest, missing, layout] = [longestWanted, least - room, undefined];
    return {
      gpus,
      nodes,
      tensorParallel,
      pipelineParallel,
      weights,
      room,
      layout,
      longest,
      missing,
    };
  }
  const valueBytes = cacheType === "fp8" ? 1 : 2;
  const setup = {
    tensorParallel,
    pipelineParallel,
    valueBytes,
    batchTokens: batch.tokens,
  } as const;
  const layout = cacheLayout(attention, setup);
  const longest = room > 0 ? largestSequence(layout, room / concurrency, longestWanted) : 0;
  const wanted = contextTokens ?? Math.min(maxContext, leastContext);
  const missing = longest >= wanted ? 0 : sequenceBytes(layout, wanted) * concurrency - room;
  return { gpus, nodes, tensorParallel, pipelineParallel, weights, room, layout, longest, missing };
}

/** GiB of the weights when they are loaded (docs/facts.md 16.1, 16.6). */
function weightsInMemoryGiB({ weightsGiB, weightType }: ModelShape): number {
  return weightsGiB * (weightType === "mxfp4" ? 1.09 : 1.02);
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
  return {
    gpus,
    nodes,
    tensorParallel,
    pipelineParallel,
    contextTokens,
    concurrency: sequences === undefined ? concurrency : Math.floor(sequences),
    cacheTokens: sequences === undefined ? undefined : Math.floor(sequences * contextTokens),
    batchTokens: batch.tokens,
    batchSequences: layout ? sequencesAtOnce(layout, room) : batch.sequences,
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
function sequencesAtOnce({ stateBytes, blockBytes }: CacheLayout, room: number): number {
  if (stateBytes === 0) return batch.sequences;
  return Math.min(batch.sequences, Math.floor(room / blockBytes));
}
