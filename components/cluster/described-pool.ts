import type { NodeRoom } from "../../catalog/cpu-nodes";
import { gpuMemoryGiB, type GpuName } from "../../catalog/gpus";
import type { Problem } from "../problem";
import { nearest } from "../spelling";
import { archLabel, gpuTolerations, nvidiaGpu, tolerationsOf } from "./cluster";
import type { Architecture, Interconnect, PlacedPool, Taint } from "./cluster";

/** A pool of nodes that exists already. Its GPUs are named by `gpu`, by `resource` or by both; without either it has none. */
export interface DescribedPool {
  /** Name of the GPU. @default nodes without GPUs, or with GPUs of no name */
  gpu?: string;
  /** Resource that pods ask for its GPUs by, such as `amd.com/gpu` or `nvidia.com/mig-1g.10gb`. @default "nvidia.com/gpu" */
  resource?: string;
  /** Memory of one GPU in GiB. @default that of the MIG profile, or the catalog's */
  gpuMemoryGiB?: number;
  /** GPUs that one node offers, 1 to 1000; where pods share GPUs, the shares of them. @default 1 */
  gpusPerNode?: number;
  /** The most that one pod may take, 1 to 128: 1 where pods share GPUs. @default 1 for slices of MIG and with sharesPerGpu, else all of a node */
  gpusPerPod?: number;
  /** Shares of one GPU, 2 to 1000, where pods take turns on it; each pod counts on its part of the memory. @default not known where pods share GPUs */
  sharesPerGpu?: number;
  /** Labels that all nodes of the pool carry. */
  select: Record<string, string>;
  /** Taints that nodes of the pool carry, besides those of the resource, of spot nodes and of ARM nodes. @default [] */
  taints?: Taint[];
  /** Whether the nodes are spot capacity. @default false */
  spot?: boolean;
  /** CPU architecture of the nodes; pods select it. @default that of the nodes, and images are built for amd64 */
  arch?: Architecture;
  /** RuntimeClass that pods on its nodes need. @default the nodes' own */
  runtimeClass?: string;
  /** CPU and memory that one node leaves for pods. @default not known: pods are not compared with it */
  room?: NodeRoom;
  /** Nodes that always run, and nodes the pool may grow to. @default min 0 */
  nodes: { min?: number; max: number };
  /** The network between its nodes, for jobs on several workers. @default nothing is known of it */
  interconnect?: Interconnect;
}

/** The resource that the nodes of a pool offer their GPUs as; undefined: they have none. */
export function resourceOf({ gpu, resource }: DescribedPool): string | undefined {
  return resource ?? (gpu === undefined ? undefined : nvidiaGpu);
}

/** What one node of a pool offers, and how much of it one pod may take. */
export function offeredBy(
  pool: DescribedPool,
): Pick<PlacedPool, "gpusPerNode" | "gpusPerPod" | "shares" | "room"> {
  const resource = resourceOf(pool);
  const { sharesPerGpu } = pool;
  const gpusPerNode = resource === undefined ? 0 : (pool.gpusPerNode ?? sharesPerGpu ?? 1);
  // A program computes on one slice (docs/facts.md 5.3).
  const shares = sharesPerGpu ?? (migSlice.test(resource ?? "") ? 1 : undefined);
  const gpusPerPod = shares === undefined ? gpusPerNode : Math.min(1, gpusPerNode);
  return {
    gpusPerNode,
    gpusPerPod: resource === undefined ? 0 : (pool.gpusPerPod ?? gpusPerPod),
    ...(resource !== undefined && shares !== undefined && { shares }),
    ...(pool.room && { room: pool.room }),
  };
}

/** Slices of a GPU by NVIDIA's strategy `mixed`, with the memory of each in GB (docs/facts.md 5.4). */
const migSlice = /^nvidia\.com\/mig-.*\.(\d+)gb/;

/** Memory of one GPU of a pool in GiB, or of a pod's part of it; undefined where neither its description nor the catalog has it. */
export function memoryOf({
  gpu,
  resource = "",
  gpuMemoryGiB: said,
  sharesPerGpu = 1,
}: DescribedPool): number | undefined {
  const slice = migSlice.exec(resource)?.[1];
  const known = isKnown(gpu) ? gpuMemoryGiB[gpu] : undefined;
  const whole = said ?? (slice === undefined ? known : Number(slice));
  return whole === undefined ? undefined : whole / sharesPerGpu;
}

function isKnown(gpu: string | undefined): gpu is GpuName {
  return gpu !== undefined && Object.hasOwn(gpuMemoryGiB, gpu);
}

/** What is wrong with the description of a pool, by the path from the pool. */
export function describedPoolProblems(pool: DescribedPool): Problem[] {
  const { gpu, gpuMemoryGiB: memory, gpusPerNode, gpusPerPod, sharesPerGpu } = pool;
  if (resourceOf(pool) === undefined) {
    const { resources } = pool.interconnect ?? {};
    const said: [Problem["path"], unknown][] = [
      [["gpuMemory"], memory],
      [["gpusPerNode"], gpusPerNode],
      [["gpusPerPod"], gpusPerPod],
      [["sharesPerGpu"], sharesPerGpu],
      // A worker asks for the share of them that goes with its GPUs.
      [["interconnect", "resources"], resources],
    ];
    return said
      .filter(([, value]) => value !== undefined)
      .map(([path, value]) => ({
        ...{ path, found: JSON.stringify(value) },
        problem: "said of nodes without GPUs",
        allowed: "nothing, on a pool with neither gpu nor resource",
        fix: "name the GPU, for example gpu: L4, or the resource that the nodes offer, for example resource: amd.com/gpu",
      }));
  }
  const problems: Problem[] = [];
  if (gpu !== undefined && memoryOf(pool) === undefined) {
    const names = Object.keys(gpuMemoryGiB);
    const meant = nearest(gpu, names);
    problems.push({
      ...{ path: ["gpu"], found: JSON.stringify(gpu) },
      problem: "not a GPU of the catalog, and its memory is not said",
      allowed: `${names.join(", ")}, or any name with gpuMemory beside it`,
      fix: `${meant ? `write ${meant} if that is meant, or ` : ""}say the memory of one GPU, for example gpuMemory: 24Gi`,
    });
  }
  const { gpusPerNode: offered } = offeredBy(pool);
  if (gpusPerPod !== undefined && gpusPerPod > offered) {
    problems.push({
      ...{ path: ["gpusPerPod"], found: String(gpusPerPod) },
      problem: "more than a node offers",
      allowed: `a whole number from 1 to ${offered}, the pool's gpusPerNode`,
      fix: `lower it to ${offered}, or raise gpusPerNode if the nodes offer more`,
    });
  }
  return [...problems, ...shareProblems(pool, offered)];
}

/** Shares that are not those of whole GPUs, or of which one pod may take several. */
function shareProblems({ sharesPerGpu, gpusPerPod }: DescribedPool, offered: number): Problem[] {
  if (sharesPerGpu === undefined) return [];
  const problems: Problem[] = [];
  if (offered % sharesPerGpu !== 0) {
    problems.push({
      ...{ path: ["sharesPerGpu"], found: String(sharesPerGpu) },
      problem: `the ${offered} shares of a node, its gpusPerNode, are not those of whole GPUs`,
      allowed: "a number that divides gpusPerNode, which counts all shares of a node",
      fix: `write gpusPerNode: ${Math.ceil(offered / sharesPerGpu) * sharesPerGpu} if a node has that many shares, or correct sharesPerGpu`,
    });
  }
  if (gpusPerPod !== undefined && gpusPerPod > 1) {
    problems.push({
      ...{ path: ["gpusPerPod"], found: String(gpusPerPod) },
      problem: "nothing joins shares of GPUs into one",
      allowed: "1 beside sharesPerGpu",
      fix: "remove it",
    });
  }
  return problems;
}

/**
 * Seconds a cluster autoscaler may take to bring a node that pods can run on: its `max-node-provision-time`
 * is 15 minutes unless the cluster's owner changed it (kubernetes/autoscaler, cluster-autoscaler FAQ).
 */
const provisionTime = 15 * 60;

/** Seconds between notice and end of a spot node: the shortest of the three clouds (docs/facts.md 8.3). */
const spotNotice = 30;

/** Taints of spot nodes: AKS gives it to all of them, Google advises it (docs/facts.md 4.9, 5.7). */
const spotTaints: readonly Taint[] = [
  { key: "kubernetes.azure.com/scalesetpriority", value: "spot", effect: "NoSchedule" },
  { key: "cloud.google.com/gke-spot", value: "true", effect: "NoSchedule" },
];

/** Taint that GKE gives all ARM nodes (docs/facts.md 5.8). */
const armTaint: Taint = { key: archLabel, value: "arm64", effect: "NoSchedule" };

/** Taints that nodes of the pool have, or may have, besides those of their resource. */
export function taintsOf({ taints = [], spot, arch }: DescribedPool): Taint[] {
  return [...taints, ...(spot ? spotTaints : []), ...(arch === "arm64" ? [armTaint] : [])];
}

/** Whether no taint is described that keeps pods off; one of the resource's own, of spot or of ARM nodes is likely, and not certain. */
export function isUntainted({ taints = [] }: Pick<DescribedPool, "taints">): boolean {
  return taints.every(({ effect }) => effect === "PreferNoSchedule");
}

/** The pool as pods see it. */
export function describedPool(name: string, pool: DescribedPool): PlacedPool {
  const { gpu, resource, spot = false, arch, runtimeClass, interconnect } = pool;
  const { min = 0, max } = pool.nodes;
  const memory = memoryOf(pool);
  const offered = resourceOf(pool);
  const taints = taintsOf(pool);
  return {
    name,
    ...(gpu !== undefined && { gpu }),
    ...(memory !== undefined && { gpuMemoryGiB: memory }),
    ...(resource !== undefined && { resource }),
    ...offeredBy(pool),
    maxNodes: max,
    nodeSelector: { ...pool.select, ...(arch && { [archLabel]: arch }) },
    ...(isUntainted(pool) && { untainted: true }),
    tolerations: offered === undefined ? tolerationsOf(taints) : gpuTolerations(taints, offered),
    capacityTypes: [
      {
        capacity: spot ? "spot" : "on-demand",
        notice: spot ? spotNotice : 0,
        provisionTime: min === max ? 0 : provisionTime,
        maxNodes: max,
      },
    ],
    ...(arch && { arch }),
    ...(runtimeClass !== undefined && { runtimeClass }),
    ...(interconnect && { interconnect }),
  };
}
