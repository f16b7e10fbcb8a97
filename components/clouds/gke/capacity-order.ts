import { diskTypes, type GkeDiskType } from "../../../catalog/gke";
import { placedGpus } from "../../../catalog/sharing";
import { oneZone, type PlacedPool, type Rung, type Taint } from "../../cluster/cluster";
import { gpuTaint, gpuToleration, poolLabel } from "../gpu-nodes";
import { spotNotice, type CapacityType, type ManagedPool, type ReservedCapacity } from "../managed";
import { hashOf, longestPoolName, shortName } from "./names";

/** StorageClasses of disks, by what they make. */
export const diskStorageClasses: Readonly<Record<GkeDiskType, string>> = {
  "pd-balanced": "gpu-serving-disk",
  "hyperdisk-balanced": "gpu-serving-hyperdisk",
};

/** Zones of a region that GKE chooses where none are named (GKE, regional clusters). */
export const zonesOfARegion = 3;

/** One capacity type of a pool as a node pool of GKE's. */
export interface CapacityPool {
  /** Name of the node pool. */
  name: string;
  type: CapacityType;
  /** Zones of its nodes; undefined: the cluster's. */
  zones?: string[];
  /** Nodes that always run. */
  min: number;
  /** Nodes it may grow to. */
  max: number;
  /** Nodes it starts with in each of its zones. */
  initialPerZone: number;
}

/** A pool of the stack file and its capacity types, in order. */
export interface PlannedPool {
  /** Name of the pool. */
  name: string;
  pool: ManagedPool;
  nodePools: CapacityPool[];
}

/** Plans the node pools of GPU pools. */
export function plannedPools(
  pools: Readonly<Record<string, ManagedPool>>,
  clusterZones?: readonly string[],
): PlannedPool[] {
  return Object.entries(pools).map(([name, pool]) => ({
    ...{ name, pool },
    nodePools: capacityPools(name, pool, clusterZones),
  }));
}

/**
 * A pool's capacity types as node pools, in order. GKE bounds node pools one by one: the nodes that always run belong to one capacity type
 * and are taken off what the others may grow to; beyond that, it is the replicas asked for that keep all capacity types together
 * below `nodes.max`.
 */
export function capacityPools(
  poolName: string,
  pool: ManagedPool,
  clusterZones?: readonly string[],
): CapacityPool[] {
  const { min, max } = pool.nodes;
  const base = steadyType(pool.capacity);
  return pool.capacity.map((type) => {
    const zones = type.kind === "reserved" && type.zone ? [type.zone] : pool.zones;
    const steady = type === base ? min : 0;
    const zoneCount = (zones ?? clusterZones)?.length ?? zonesOfARegion;
    return {
      name: capacityPoolName(poolName, type),
      type,
      zones,
      min: steady,
      max: type === base ? max : max - min,
      initialPerZone: Math.ceil(steady / zoneCount),
    };
  });
}

/** The capacity type that the nodes belong to which always run: the first whose nodes stay, else spot; flex-start nodes cannot. */
function steadyType(capacity: readonly CapacityType[]): CapacityType | undefined {
  return (
    capacity.find(({ kind }) => kind === "reserved" || kind === "on-demand") ??
    capacity.find(({ kind }) => kind === "spot")
  );
}

/** Named by what it is and not by its place, so that another order of them replaces no nodes. */
function capacityPoolName(poolName: string, type: CapacityType): string {
  const name =
    type.kind === "reserved"
      ? `${poolName}-reserved-${type.reservation}${elsewhere(type)}`
      : `${poolName}-${type.kind}`;
  return shortName(name, longestPoolName);
}

/** What tells a reservation from others of its name; a hash, because projects' ids have characters that names have not. */
function elsewhere({ project, reservationBlock }: ReservedCapacity): string {
  if (project === undefined && reservationBlock === undefined) return "";
  return `-${hashOf(`${project ?? ""}/${reservationBlock ?? ""}`)}`;
}

/** Label and taint by which node pools join a compute class, and label by which pods ask for it (GKE, custom compute classes). */
const computeClassKey = "cloud.google.com/compute-class";

/** Name of a pool's compute class; with a prefix, because GKE has classes of its own, such as `default`. */
export function computeClassName(poolName: string): string {
  return `gpu-serving-${poolName}`;
}

/** Label that GKE gives all nodes of a node pool. */
const nodePoolLabel = "cloud.google.com/gke-nodepool";

/** Labels of a pool's nodes. */
export function poolLabels(poolName: string): Record<string, string> {
  return { [poolLabel]: poolName, [computeClassKey]: computeClassName(poolName) };
}

/** Taint by which nodes are a compute class's. */
function classTaint(poolName: string): Required<Taint> {
  return { key: computeClassKey, value: computeClassName(poolName), effect: "NoSchedule" };
}

/** Taints of a pool's nodes; GKE adds the first by itself, but not always (docs/facts.md 2.13). */
export function poolTaints(poolName: string): Required<Taint>[] {
  return [gpuTaint, classTaint(poolName)];
}

/** Spec of a pool's ComputeClass: its node pools one after the other, and no nodes of any other kind. */
export function computeClassSpec(nodePools: readonly Pick<CapacityPool, "name">[]) {
  return {
    priorities: nodePools.map(({ name }) => ({ nodepools: [name] })),
    nodePoolAutoCreation: { enabled: false },
    whenUnsatisfiable: "DoNotScaleUp",
    // A replica that runs is not moved to a cheaper capacity type: each move costs the load of a model.
    activeMigration: { optimizeRulePriority: false },
  };
}

/** The pool as pods see it. */
export function placedPool({ name: poolName, pool, nodePools }: PlannedPool): PlacedPool {
  const { machine, nodes, sharing } = pool;
  return {
    name: poolName,
    gpu: machine.gpu,
    ...placedGpus(machine, sharing),
    maxNodes: nodes.max,
    nodeSelector: { [computeClassKey]: computeClassName(poolName) },
    tolerations: [gpuToleration, { ...classTaint(poolName), operator: "Equal" }],
    rungs: nodePools.map(placedCapacity),
    // Each capacity type is placed by a policy of its own: near to each other are the nodes of one node pool.
    interconnect: pool.network ? { within: nodePoolLabel } : oneZone,
    diskClasses: diskTypes(machine).map((type) => diskStorageClasses[type]),
  };
}

/**
 * Seconds until a capacity type is given up for the next one: the cluster autoscaler's max-node-provision-time (docs/facts.md 8.2;
 * an assumption for GKE, whose own figure is not published). Flex-start waits in a queue: an hour is an assumption, too.
 */
const provisionTime = { reserved: 900, spot: 900, "on-demand": 900, "flex-start": 3600 } as const;

function placedCapacity({ type, min, max }: CapacityPool): Rung {
  const capacity = type.kind === "block" ? "reserved" : type.kind;
  return {
    capacity,
    notice: capacity === "spot" ? spotNotice.gke : 0,
    provisionTime: min === max ? 0 : provisionTime[capacity],
    maxNodes: max,
  };
}
