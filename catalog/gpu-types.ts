import { gpuMemoryGiB, type GpuName } from "./gpus";
import type { WeightType } from "./model";

/**
 * Memory in GiB that CUDA gives to a program, where it is known: the smallest total that PyTorch was seen to print for the GPU
 * (docs/facts.md 16.7). An engine takes its share of that, not of the vendor's figure.
 */
const cudaMemory: Partial<Record<GpuName, number>> = {
  T4: 14.56,
  A10: 22.03,
  A10G: 22.03,
  L4: 22.03,
  L40S: 44.34,
  "RTX-PRO-6000": 94.5,
  A100: 39.25,
  "A100-80": 79.1,
  H100: 79.1,
  "H100-MEGA": 79.1,
  "H100-NVL": 93.09,
  H200: 139.72,
  B200: 178.35,
  B300: 267.69,
};

/** Part of the stated memory that CUDA gives where no figure is known: less than on any GPU above, and than on slices of MIG. */
const unknownShare = 0.94;

/** Compute capability of each GPU, ten times (docs/facts.md 16.8). */
const capability: Readonly<Record<GpuName, number>> = {
  T4: 75,
  A100: 80,
  "A100-80": 80,
  A10: 86,
  A10G: 86,
  L4: 89,
  L40S: 89,
  H100: 90,
  "H100-MEGA": 90,
  "H100-NVL": 90,
  H200: 90,
  B200: 100,
  GB200: 100,
  B300: 103,
  GB300: 103,
  "RTX-PRO-4500": 120,
  "RTX-PRO-6000": 120,
};

/** Whether the catalog knows the GPU. */
export function isKnownGpu(gpu: string): gpu is GpuName {
  return gpu in capability;
}

/**
 * GiB that CUDA gives of `statedGiB`, which is a whole GPU's memory or that of a part. A GPU that the catalog does not know has what
 * is stated.
 */
export function cudaMemoryGiB(gpu: string | undefined, statedGiB: number): number {
  if (gpu === undefined || !isKnownGpu(gpu)) return statedGiB;
  const isWhole = statedGiB > gpuMemoryGiB[gpu] * 0.9;
  const known = cudaMemory[gpu];
  return isWhole && known !== undefined ? Math.min(statedGiB, known) : statedGiB * unknownShare;
}

/** Compute capability from which vLLM runs weights of a type; those that are missing run everywhere (docs/facts.md 16.9). */
const leastForWeights: Partial<Record<WeightType, number>> = {
  fp8: 80,
  mxfp4: 80,
  int4: 80,
  int8: 75,
  "awq-int4": 75,
  "gptq-int4": 75,
};

/**
 * Compute capability from which a GPU calculates with bfloat16, and from which vLLM was seen to keep a cache in FP8 and to run linear
 * attention (docs/facts.md 16.9).
 */
const [leastForBf16, leastForFp8Cache, leastForLinear] = [80, 80, 80];

/** Compute capabilities of the data center GPUs on which sparse attention runs: Hopper and Blackwell (docs/facts.md 16.9). */
const sparseAttention = { least: 90, most: 103 };

/** Whether the GPU runs weights of that type; one that the catalog does not know is taken to. */
export function runsWeights(gpu: string | undefined, type: WeightType): boolean {
  return capabilityOf(gpu) >= (leastForWeights[type] ?? 0);
}

/** Whether the GPU calculates with bfloat16. */
export function hasBf16(gpu: string | undefined): boolean {
  return capabilityOf(gpu) >= leastForBf16;
}

/** Whether the GPU has the numbers of a cache in FP8. */
export function hasFp8Cache(gpu: string | undefined): boolean {
  return capabilityOf(gpu) >= leastForFp8Cache;
}

/** Whether the GPU runs linear attention and Mamba. */
export function hasLinearAttention(gpu: string | undefined): boolean {
  return capabilityOf(gpu) >= leastForLinear;
}

/** Whether the GPU runs sparse attention. */
export function hasSparseAttention(gpu: string | undefined): boolean {
  const found = capabilityOf(gpu);
  return found === Infinity || (found >= sparseAttention.least && found <= sparseAttention.most);
}

function capabilityOf(gpu: string | undefined): number {
  return gpu !== undefined && isKnownGpu(gpu) ? capability[gpu] : Infinity;
}
