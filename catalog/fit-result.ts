import type { WeightType } from "./model";

/** How a replica of a model runs on GPUs of one kind, or on a CPU. */
export interface Fit {
  /** GPUs of one pod; 0: the model runs on CPUs. */
  gpus: number;
  /** Pods that one replica is made of, each on a machine of its own. */
  nodes: number;
  /** GPUs that each layer is divided among. */
  tensorParallel: number;
  /** Groups of layers, each on GPUs of its own. */
  pipelineParallel: number;
  /** The most tokens of one sequence. */
  contextTokens: number;
  /** Sequences of that length that one replica holds at once, at least. */
  concurrency: number;
  /** Tokens that the cache of one replica holds; undefined where no formula holds. */
  cacheTokens?: number;
  /** The most tokens that the engine is to process at once: the fit holds for that many. */
  batchTokens: number;
  /** The most sequences that the engine is to process at once, never more than tokens: the fit holds for that many, or for those that are wanted. */
  batchSequences: number;
  /** Numbers that the engine calculates with; `auto`: those of the weights. */
  computeType: "auto" | "float16";
  /** Numbers of the cache; `auto`: those that it calculates with. */
  cacheType: "auto" | "fp8";
  /** Part of a GPU's memory that the engine takes, from 0 to 1. */
  memoryShare: number;
  /** GiB of one replica, all its GPUs together. */
  gib: {
    /** With the room for adapters. */
    weights: number;
    /** Activations, CUDA's own. */
    overhead: number;
    /** What is left for the cache. */
    cache: number;
  };
}

/** Why a model does not fit, as values. */
export type Misfit =
  /** The memory of all GPUs that it may take is too small. */
  | {
      reason: "memory";
      /** GiB that are missing for the context and the concurrency wanted, all GPUs of the best attempt together. */
      missingGiB: number;
      /** GPUs of one pod in that attempt. */
      gpus: number;
      /** Pods in that attempt. */
      nodes: number;
      /** The longest sequence that would fit at the concurrency wanted; 0: not even the weights fit. */
      largestContext: number;
    }
  /** More tokens are wanted than the model takes. */
  | { reason: "context"; contextTokens: number; maxContext: number }
  /** No formula holds for the model's cache, so the context must be given. */
  | { reason: "no-formula" }
  /** The GPU does not run weights of this type. */
  | { reason: "weight-type"; weightType: WeightType }
  /** The GPU has no numbers for this cache. */
  | { reason: "cache-type"; cacheType: "fp8" }
  /** The GPU does not run attention of this kind; `linear` is Mamba too. */
  | { reason: "attention"; kind: "sparse" | "linear" }
  /** More GPUs are wanted than a pod can have there: the machine has no more, or pods share them. */
  | { reason: "gpus"; gpus: number; gpusPerPod: number }
  /** The model's heads and layers cannot be divided among so many GPUs. */
  | { reason: "division"; gpus: number; heads: number }
  /** A model of that size is too slow on CPUs to be placed there unasked. */
  | { reason: "slow-on-cpus"; weightsGiB: number }
  /** Pods share the GPUs, and nobody says how many share one. */
  | { reason: "unknown-shares" }
  /** The engine's image has no parts for GPUs of that resource. */
  | { reason: "resource"; resource: string }
  /** The engine of such weights or of such a task runs them on one GPU alone. */
  | { reason: "one-gpu"; gpus: number };

/** Whether a model fits, and how, or why not. */
export type FitResult = { fit: Fit; misfit?: undefined } | { misfit: Misfit; fit?: undefined };
