import { ExistingCluster, type ExistingClusterArgs } from "../../components/cluster/existing";
import type { PlacedPool } from "../../components/cluster/cluster";
import { InferenceService } from "../../components/serving/inference-service";
import type { InferenceServiceArgs } from "../../components/serving/inference-service";
import { deploy } from "./deploy";

/** Four nodes with one L4 each, of which one always runs. */
export const l4 = {
  gpu: "L4",
  gpuMemoryGiB: 22.4,
  select: { "example.com/pool": "l4" },
  nodes: { min: 1, max: 4 },
};

/** Two nodes with eight H100 each, which always run. */
export const h100 = {
  gpu: "H100",
  gpuMemoryGiB: 80,
  gpusPerNode: 8,
  select: { "example.com/pool": "h100" },
  nodes: { min: 2, max: 2 },
};

/** A cluster with what matters to a test. */
export function aCluster(args: Partial<ExistingClusterArgs> = {}, name = "cluster") {
  return new ExistingCluster(name, { kubeconfig: "kubeconfig of the test", ...args });
}

/** A placed pool with what matters to a test. */
export function aPool(pool: Partial<PlacedPool> = {}): PlacedPool {
  return {
    name: "l4",
    gpu: "L4",
    gpusPerNode: 1,
    gpusPerPod: pool.gpusPerNode ?? 1,
    gpuMemoryGiB: 22.4,
    maxNodes: 4,
    nodeSelector: { "example.com/pool": "l4" },
    tolerations: [],
    rungs: [{ capacity: "on-demand", notice: 0, provisionTime: 0, maxNodes: 4 }],
    ...pool,
  };
}

/** Runs a program with the service `chat` on a cluster with the pool `l4`. */
export function deployChat(
  args: Partial<InferenceServiceArgs> = {},
  cluster: Partial<ExistingClusterArgs> = { pools: { l4 } },
) {
  return deploy(
    () =>
      new InferenceService("chat", {
        cluster: aCluster(cluster),
        namespace: "models",
        image: "registry.example/chat:v1",
        ...args,
      }),
  );
}
