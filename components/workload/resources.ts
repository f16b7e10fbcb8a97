import type { core } from "@pulumi/kubernetes/types/input";
import type { WorkloadArgs } from "./workload";

/** What a container is promised that does not say it itself, as Kubernetes quantities. */
export const defaultRequests = { cpu: "500m", memory: "1Gi" } as const;

/** Memory is promised in full, so that a pod is never killed for its neighbour's use; CPU may be borrowed. */
export function resources(
  { cpu = defaultRequests.cpu, memory, gpus = 0 }: Pick<WorkloadArgs, "cpu" | "memory" | "gpus">,
  devices: Readonly<Record<string, string>> = {},
): core.v1.ResourceRequirements {
  return {
    requests: { cpu, memory: memory ?? defaultRequests.memory },
    limits: {
      ...(memory !== undefined && { memory }),
      ...(gpus > 0 && { "nvidia.com/gpu": String(gpus) }),
      ...devices,
    },
  };
}
