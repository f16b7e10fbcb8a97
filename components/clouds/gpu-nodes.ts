/** Label of the nodes of a pool. */
export const poolLabel = "gpu-serving/pool";

/** Taint of GPU nodes, the same on every cloud: the resource of NVIDIA's device plugin (its README), which GKE taints with, too (docs/facts.md 2.13). */
export const gpuTaint = { key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" } as const;

/** Toleration of GPU pods for it. */
export const gpuToleration = {
  ...{ key: gpuTaint.key, effect: gpuTaint.effect },
  operator: "Exists",
} as const;
