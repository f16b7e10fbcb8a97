import { cacheLayout } from "./cache";
import type { FitDemand } from "./fit-demand";
import type { Fit, FitResult } from "./fit-result";
import type { ModelShape } from "./model";
import { writesText } from "./model-task";

/** Tokens that llama.cpp processes at once, and the unit in which it makes its cache (docs/facts.md 16.13). */
const [llamaBatch, llamaMicroBatch, llamaBlock] = [2048, 512, 256];

/** Tokens that the embeddings server processes at once (docs/facts.md 16.14). */
const embeddingBatch = 16_384;

/** GiB for the buffers of an engine on CPUs, and part of the weights besides: own choice, above what was measured (docs/facts.md 16.13). */
const [buffersGiB, buffersShare] = [0.5, 0.05];

const gib = 1024 ** 3;

/** Whether a model runs without GPUs: llama.cpp and the embeddings server do that. */
export function runsOnCpus(model: ModelShape): boolean {
  return model.weightType === "gguf" || !writesText(model);
}

/** GiB of weights up to which CPUs are fast enough: own choice. */
const mostOnCpusGiB = 4;

/** Whether CPUs are too slow for a model that would run on them. */
export function isSlowOnCpus(model: ModelShape): boolean {
  return runsOnCpus(model) && model.weightsGiB > mostOnCpusGiB;
}

/** How a model runs on CPUs, in at most `memoryGiB` of memory. @default as much as it takes */
export function fitOnCpus(
  model: ModelShape,
  memoryGiB = Infinity,
  { contextTokens, concurrency = 1, gpus = 0, cacheType }: FitDemand = {},
): FitResult {
  const { maxContext, weightType } = model;
  if (!runsOnCpus(model)) return { misfit: { reason: "weight-type", weightType } };
  if (gpus > 0) return { misfit: { reason: "gpus", gpus, gpusPerPod: 0 } };
  if (cacheType === "fp8") return { misfit: { reason: "cache-type", cacheType } };
  if (contextTokens !== undefined && contextTokens > maxContext) {
    return { misfit: { reason: "context", contextTokens, maxContext } };
  }
  const weights = weightsOnCpusGiB(model);
  const overhead = buffersGiB + buffersShare * weights;
  const cache = (tokens: number) => cacheGiB(model, tokens, concurrency);
  const room = memoryGiB - weights - overhead;
  const largest = contextTokens ?? largestThatFits(maxContext, (tokens) => cache(tokens) <= room);
  if (largest === 0 || cache(largest) > room) {
    const wanted = contextTokens ?? Math.min(maxContext, llamaBlock);
    const missingGiB = cache(wanted) - room;
    const largestContext = largestThatFits(wanted, (tokens) => cache(tokens) <= room);
    return { misfit: { reason: "memory", missingGiB, gpus: 0, nodes: 1, largestContext } };
  }
  const gibs = { weights, overhead, cache: cache(largest) };
  return { fit: cpuFit(model, largest, concurrency, gibs) };
}

/** GiB of memory that a pod without GPUs needs. */
export function podMemoryGiB({ gib: { weights, overhead, cache } }: Fit): number {
  return weights + overhead + cache;
}

/** GiB of the weights in memory: the embeddings server calculates in float32 on CPUs (docs/facts.md 16.14). */
function weightsOnCpusGiB({ weightsGiB, weightType }: ModelShape): number {
  return weightType === "bf16" || weightType === "fp16" ? weightsGiB * 2 : weightsGiB;
}

/** GiB of llama.cpp's cache in float16, with a slot of so many tokens for each sequence. */
function cacheGiB(model: ModelShape, tokens: number, slots: number): number {
  const { attention } = model;
  if (!attention || !writesText(model)) return 0;
  const { tokenBytes, slidingTokenBytes, slidingTokens } = cacheLayout(attention, {
    batchTokens: 1,
  });
  const slot = Math.ceil(tokens / llamaBlock) * llamaBlock;
  const seen = Math.min(slot * slots, slidingTokens * slots + llamaMicroBatch + llamaBlock);
  const state = (attention.stateLayers ?? 0) * (attention.stateBytes ?? 0);
  const sliding = slidingTokenBytes > 0 ? slidingTokenBytes * seen : 0;
  return ((tokenBytes * slot + state) * slots + sliding) / gib;
}

/** The most tokens up to `most`, in whole blocks below it, that fit; 0: not even one block does. */
function largestThatFits(most: number, fits: (tokens: number) => boolean): number {
  if (fits(most)) return most;
  let [least, tooMany] = [0, Math.ceil(most / llamaBlock)];
  while (tooMany - least > 1) {
    const middle = Math.floor((least + tooMany) / 2);
    if (fits(middle * llamaBlock)) least = middle;
    else tooMany = middle;
  }
  return least * llamaBlock;
}

function cpuFit(
  model: ModelShape,
  contextTokens: number,
  concurrency: number,
  gibs: Fit["gib"],
): Fit {
  const readsOnce = !writesText(model);
  return {
    ...{ gpus: 0, nodes: 1, tensorParallel: 1, pipelineParallel: 1, contextTokens, concurrency },
    cacheTokens: readsOnce ? undefined : contextTokens * concurrency,
    batchTokens: readsOnce ? embeddingBatch : llamaBatch,
    batchSequences: concurrency,
    ...{ computeType: "auto", cacheType: "auto", memoryShare: 0, gib: gibs },
  };
}
