/**
 * GPUs a pool can have. Memory is the smallest figure any cloud gives for the GPU, because that is what can be counted on:
 * AWS states usable memory, Google and Azure the vendor's round figure. Of a T4 a pod sees less than any of them says (14.6 to 15
 * GiB, general knowledge), of an A10 what AWS says of the A10G, which is the same card.
 * Collected 2026-11-22 from the instance type pages of Karpenter for AWS, the Google Cloud pricing calculator's machine list,
 * and the Azure instance types of the Kubernetes autoscaler.
 */
const memory = {
  T4: 14.6,
  A10: 22.4,
  A10G: 22.4,
  L4: 22.4,
  L40S: 44.7,
  "RTX-PRO-4500": 32,
  "RTX-PRO-6000": 96,
  A100: 40,
  "A100-80": 80,
  H100: 80,
  "H100-MEGA": 80,
  "H100-NVL": 94,
  H200: 141,
  B200: 179.1,
  B300: 268.6,
  GB200: 185,
  GB300: 279,
} as const;

/** Name of a GPU in the catalog. */
export type GpuName = keyof typeof memory;

/** Memory of one GPU in GiB, by name. */
export const gpuMemoryGiB: Readonly<Record<GpuName, number>> = memory;
