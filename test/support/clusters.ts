import { ExistingCluster, type ExistingClusterArgs } from "../../components/cluster/existing";
import type { Cluster, PlacedPool } from "../../components/cluster/cluster";
import { BatchJob, type BatchJobArgs } from "../../components/jobs/batch-job";
import {
  InferenceService,
  type InferenceServiceArgs,
} from "../../components/serving/inference-service";
import { at, deploy, type Recorded } from "./deploy";

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
    capacityTypes: [{ capacity: "on-demand", notice: 0, provisionTime: 0, maxNodes: 4 }],
    ...pool,
  };
}

/** Runs a program with the service `chat` on a cluster with the pool `l4`, and looks into its Deployment and its pods. */
export async function deployChat(
  args: Partial<InferenceServiceArgs> = {},
  cluster: Partial<ExistingClusterArgs> | (() => Cluster) = { pools: { l4 } },
) {
  const run = await deploy(
    () =>
      new InferenceService("chat", {
        cluster: typeof cluster === "function" ? cluster() : aCluster(cluster),
        namespace: "models",
        image: "registry.example/chat:v1",
        ...args,
      }),
  );
  const deployment = run.find("kubernetes:apps/v1:Deployment", "chat");
  return { ...run, ...looksInto(deployment, "spec.template"), deployment };
}

/** Runs a program with the job `train` on a cluster with the pools `l4` and `h100`, and looks into its Job and its pods. */
export async function deployTrain(args: Partial<BatchJobArgs> = {}, name = "train") {
  const run = await deploy(
    () =>
      new BatchJob(name, {
        cluster: aCluster({ pools: { l4, h100 } }),
        namespace: "models",
        image: "registry.example/train:v1",
        ...args,
      }),
  );
  const job = run.find("kubernetes:batch/v1:Job", name);
  return { ...run, ...looksInto(job, "spec.template"), job };
}

/** Looks into an object that starts pods, the spec of these and their main container, by path. */
export function looksInto(object: Recorded, template: string) {
  return {
    of: (path: string) => at(object, path),
    pod: (path: string) => at(object, `${template}.spec.${path}`),
    container: (path: string) => at(object, `${template}.spec.containers[0].${path}`),
  };
}
