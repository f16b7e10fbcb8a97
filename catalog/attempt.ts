import { adaptersGiB } from "./adapters";
import { cacheLayout, largestSequence, sequenceBytes, type CacheLayout } from "./cache";
import type { FitDemand } from "./fit-demand";
import type { ModelShape } from "./model";
import { writesText } from "./model-task";
import { widestTensorParallel } from "./parallel";

/** Part of a GPU's memory that engines take, which they are told; they make CUDA graphs in the rest. */
export const memoryShare = 0.9;

/** Tokens and sequences that an engine processes at once, which it is told: the activations below hold for them (docs/facts.md 16.6). */
export const batch = { tokens: 2048, sequences: 256 } as const;

/** GiB of each GPU for activations and for what CUDA takes itself (docs/facts.md 16.1). */
export const overheadGiB = 1.7 + 0.6;

/** Tokens of a sequence that a model must hold where nothing is said: a chat needs that many. */
const leastContext = 4096;

/** Weights of the first or the last group of layers, which have the embeddings too, by those of its layers: own choice. */
const embeddingsOfStage = 1.1;

/** Part of a GPU that must be left for a cache whose size no formula tells. */
const leastCacheShare = 0.1;

export const gib = 1024 ** 3;

/** A model on so many GPUs: bytes are those of one GPU. */
export interface Attempt {
  gpus: number;
  nodes: number;
  tensorParallel: number;
  pipelineParallel: number;
  /** With the room for adapters. */
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
export function attemptWith(
  model: ModelShape,
  budgetGiB: number,
  { contextTokens, concurrency = 1, cacheType, adapters }: FitDemand,
  gpus: number,
  nodes: number,
): Attempt | undefined {
  const { layers, attention, maxContext } = model;
  const tensorParallel = widestTensorParallel(model, gpus);
  const pipelineParallel = (gpus / tensorParallel) * nodes;
  if (pipelineParallel > layers) return undefined;
  const ofLayers = Math.ceil(layers / pipelineParallel) / layers;
  const ofStage = pipelineParallel > 1 ? ofLayers * embeddingsOfStage : 1;
  // Engines divide half of an adapter among GPUs at most, so all of it counts on each.
  const ofAdapters = adapters ? adaptersGiB(model, adapters) * ofStage : 0;
  const weights = ((weightsInMemoryGiB(model) * ofStage) / tensorParallel + ofAdapters) * gib;
  const room = (budgetGiB - overheadGiB) * gib - weights;
  const longestWanted = contextTokens ?? maxContext;
  const readsOnce = !writesText(model);
  if (!attention || readsOnce) {
    const least = readsOnce ? 0 : (budgetGiB / memoryShare) * leastCacheShare * gib;
    const [missing, layout] = [least - room, undefined];
    // Fewer tokens take no less of what is counted here.
    const longest = missing > 0 ? 0 : longestWanted;
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
