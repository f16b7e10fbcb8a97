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
  /** Numbers that the engine calculates with; `auto`: those of the weights. */
  computeType: "auto" | "float16";
  /** Numbers of the cache; `auto`: those that it calculates with. */
  cacheType: "auto" | "fp8";
  /** Part of a GPU's memory that the engine takes, from 0 to 1. */
  memoryShare: number;
  /** GiB of one replica, all its GPUs together. */
  gib: {
    weights: number;
    /** Activations, CUDA's own. */
    overhead: number;
    /** What is left for the cache. */
    cache: number;
  };
}
