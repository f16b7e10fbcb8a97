import type { Adapters } from "./adapters";

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
  /** Pods that take turns on one GPU, each with its part of the memory; 1 on a slice. @default whole GPUs */
  shares?: number;
  /** Machines that there are at most. @default as many as are wanted */
  maxNodes?: number;
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
  /** LoRA adapters that there must be room for. @default none */
  adapters?: Adapters;
  /** The most machines that one replica may take. @default 1 */
  nodes?: number;
}
