import { diskTypes, type GkeDiskType } from "../../../catalog/gke";
import {
  gpuTolerations,
  oneZone,
  tolerationsOf,
  type PlacedPool,
  type PlacedCapacity,
  type Taint,
} from "../../cluster/cluster";
import { isOpen, offered } from "../cpu-pools";
import { poolLabel } from "../gpu-nodes";
import { spotNotice, type CapacityType } from "../managed";
import { hashOf, longestPoolName, shortName } from "./names";
import type { GkePool } from "./schema";

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
  pool: GkePool;
  nodePools: CapacityPool[];
}

/**
 * Plans a pool's capacity types as node pools, in order. GKE bounds node pools one by one: the nodes that always run belong to one
 * capacity type and are taken off what the others may grow to; beyond that, it is the replicas asked for that keep all capacity
 * types together below `nodes.max`.
 */
export function plannedPools(
  pools: Readonly<Record<string, GkePool>>,
  clusterZones?: readonly string[],
): PlannedPool[] {
  return Object.entries(pools).map(([name, pool]) => {
    const { min, max } = pool.nodes;
    // The first whose nodes stay, else spot; flex-start nodes cannot always run.
    const base =
      pool.capacity.find(({ kind }) => kind === "reserved" || kind === "on-demand") ??
      pool.capacity.find(({ kind }) => kind === "spot");
    const nodePools = pool.capacity.map((type): CapacityPool => {
      const zones = type.kind === "reserved" && type.zone ? [type.zone] : pool.zones;
      const steady = type === base ? min : 0;
      const zoneCount = (zones ?? clusterZones)?.length ?? zonesOfARegion;
      return {
        ...{ name: capacityPoolName(name, type), type, zones },
        ...{ min: steady, max: type === base ? max : max - min },
        initialPerZone: Math.ceil(steady / zoneCount),
      };
    });
    return { name, pool, nodePools };
  });
}

/** Named by what it is and not by its place, so that another order of them replaces no nodes. */
function capacityPoolName(poolName: string, type: CapacityType): string {
  if (type.kind !== "reserved") return shortName(`${poolName}-${type.kind}`, longestPoolName);
  const { reservation, project, reservationBlock } = type;
  // What tells a reservation from others of its name is a hash, because projects' ids have characters that names have not.
  const elsewhere =
    project === undefined && reservationBlock === undefined
      ? ""
      : `-${hashOf(`${project ?? ""}/${reservationBlock ?? ""}`)}`;
  return shortName(`${poolName}-reserved-${reservation}${elsewhere}`, longestPoolName);
}

/** Label and taint by which node pools join a compute class, and label by which pods ask for it (GKE, custom compute classes). */
export const computeClassKey = "cloud.google.com/compute-class";

/** Name of a pool's compute class; with a prefix, because GKE has classes of its own, such as `default`. */
export function computeClassName(poolName: string): string {
  return `gpu-serving-${poolName}`;
}

/** The label by which the pods of a pool find its nodes: its compute class, or where no other pods are kept away, its name. */
export function selectorOf(name: string, pool: GkePool): Record<string, string> {
  return isOpen(pool) ? { [poolLabel]: name } : { [computeClassKey]: computeClassName(name) };
}

/** Taint by which nodes are a compute class's. */
export function classTaint(poolName: string): Required<Taint> {
  return { key: computeClassKey, value: computeClassName(poolName), effect: "NoSchedule" };
}

/** The pool as pods see it. */
export function placedPool({ name: poolName, pool, nodePools }: PlannedPool): PlacedPool {
  const { machine, nodes } = pool;
  const taints = isOpen(pool) ? [] : [classTaint(poolName)];
  return {
    name: poolName,
    ...offered(pool),
    maxNodes: nodes.max,
    nodeSelector: selectorOf(poolName, pool),
    tolerations: (machine.gpu ? gpuTolerations : tolerationsOf)(taints),
    capacityTypes: nodePools.map(placedCapacity),
    // Each capacity type is placed by a policy of its own: near to each other are the nodes of one node pool.
    interconnect: pool.network ? { within: "cloud.google.com/gke-nodepool" } : oneZone,
    diskClasses: diskTypes(machine).map((type) => diskStorageClasses[type]),
  };
}

/**
 * Seconds until a capacity type is given up for the next one: the cluster autoscaler's max-node-provision-time (docs/facts.md 8.2;
 * an assumption for GKE, whose own figure is not published). Flex-start waits in a queue: an hour is an assumption, too.
 */
const provisionTime = { reserved: 900, spot: 900, "on-demand": 900, "flex-start": 3600 } as const;

function placedCapacity({ type, min, max }: CapacityPool): PlacedCapacity {
  const capacity = type.kind === "block" ? "reserved" : type.kind;
  return {
    capacity,
    notice: capacity === "spot" ? spotNotice.gke : 0,
    provisionTime: min === max ? 0 : provisionTime[capacity],
    maxNodes: max,
  };
}
