import { diskTypes, type GkeDiskType } from "../../../catalog/gke-disks";
import { placedGpus } from "../../../catalog/sharing";
import {
  oneZone,
  type PlacedPool,
  type Rung,
  type Taint,
  type Toleration,
} from "../../cluster/cluster";
import { spotNotice, type CapacityRung, type ManagedPool, type ReservedRung } from "../managed";
import { hashOf, longestPoolName, shortName } from "./names";

/** StorageClasses of disks, by what they make. */
export const diskStorageClasses: Readonly<Record<GkeDiskType, string>> = {
  "pd-balanced": "gpu-serving-disk",
  "hyperdisk-balanced": "gpu-serving-hyperdisk",
};

/** Zones of a region that GKE chooses where none are named (GKE, regional clusters). */
export const zonesOfARegion = 3;

/** One rung of a pool's ladder as a node pool of GKE's. */
export interface RungPool {
  /** Name of the node pool. */
  name: string;
  rung: CapacityRung;
  /** Zones of its nodes; undefined: the cluster's. */
  zones?: string[];
  /** Nodes that always run. */
  min: number;
  /** Nodes it may grow to. */
  max: number;
  /** Nodes it starts with in each of its zones. */
  initialPerZone: number;
}

/**
 * A pool's rungs as node pools, in order. GKE bounds node pools one by one: the nodes that always run belong to one rung
 * and are taken off what the others may grow to; beyond that, it is the replicas asked for that keep all rungs together
 * below `nodes.max`.
 */
export function rungPools(
  poolName: string,
  pool: ManagedPool,
  clusterZones?: readonly string[],
): RungPool[] {
  const { min, max } = pool.nodes;
  const base = steadyRung(pool.capacity);
  return pool.capacity.map((rung) => {
    const zones = rung.kind === "reserved" && rung.zone ? [rung.zone] : pool.zones;
    const steady = rung === base ? min : 0;
    const zoneCount = (zones ?? clusterZones)?.length ?? zonesOfARegion;
    return {
      name: rungPoolName(poolName, rung),
      rung,
      zones,
      min: steady,
      max: rung === base ? max : max - min,
      initialPerZone: Math.ceil(steady / zoneCount),
    };
  });
}

/** The rung that the nodes belong to which always run: the first whose nodes stay, else spot; flex-start nodes cannot. */
function steadyRung(capacity: readonly CapacityRung[]): CapacityRung | undefined {
  return (
    capacity.find(({ kind }) => kind === "reserved" || kind === "on-demand") ??
    capacity.find(({ kind }) => kind === "spot")
  );
}

/** Named by what it is and not by its place, so that another order of the ladder replaces no nodes. */
function rungPoolName(poolName: string, rung: CapacityRung): string {
  const name =
    rung.kind === "reserved"
      ? `${poolName}-reserved-${rung.reservation}${elsewhere(rung)}`
      : `${poolName}-${rung.kind}`;
  return shortName(name, longestPoolName);
}

/** What tells a reservation from others of its name; a hash, because projects' ids have characters that names have not. */
function elsewhere({ project, reservationBlock }: ReservedRung): string {
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
  return { "gpu-serving/pool": poolName, [computeClassKey]: computeClassName(poolName) };
}

/** Taints of a pool's nodes; GKE adds the first by itself, but not always (docs/facts.md 2.13). */
export function poolTaints(poolName: string): Required<Taint>[] {
  return [
    { key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" },
    { key: computeClassKey, value: computeClassName(poolName), effect: "NoSchedule" },
  ];
}

/** Spec of a pool's ComputeClass: its node pools one after the other, and no nodes of any other kind. */
export function computeClassSpec(rungs: readonly Pick<RungPool, "name">[]) {
  return {
    priorities: rungs.map(({ name }) => ({ nodepools: [name] })),
    nodePoolAutoCreation: { enabled: false },
    whenUnsatisfiable: "DoNotScaleUp",
    // A replica that runs is not moved to a cheaper rung: each move costs the load of a model.
    activeMigration: { optimizeRulePriority: false },
  };
}

/** The pool as pods see it. */
export function placedPool(
  poolName: string,
  pool: ManagedPool,
  rungs: readonly RungPool[],
): PlacedPool {
  const { machine, nodes, sharing } = pool;
  return {
    name: poolName,
    gpu: machine.gpu,
    ...placedGpus(machine, sharing),
    maxNodes: nodes.max,
    nodeSelector: { [computeClassKey]: computeClassName(poolName) },
    tolerations: poolTaints(poolName).map(({ key, value, effect }): Toleration =>
      key === "nvidia.com/gpu"
        ? { key, operator: "Exists", effect }
        : { key, operator: "Equal", value, effect },
    ),
    rungs: rungs.map(placedRung),
    // Each rung is placed by a policy of its own: near to each other are the nodes of one node pool.
    interconnect: pool.network ? { within: nodePoolLabel } : oneZone,
    diskClasses: diskTypes(machine).map((type) => diskStorageClasses[type]),
  };
}

/**
 * Seconds until a rung is given up for the next one: the cluster autoscaler's max-node-provision-time (docs/facts.md 8.2;
 * an assumption for GKE, whose own figure is not published). Flex-start waits in a queue: an hour is an assumption, too.
 */
const provisionTime = { reserved: 900, spot: 900, "on-demand": 900, "flex-start": 3600 } as const;

function placedRung({ rung, min, max }: RungPool): Rung {
  const capacity = rung.kind === "block" ? "reserved" : rung.kind;
  return {
    capacity,
    notice: capacity === "spot" ? spotNotice.gke : 0,
    provisionTime: min === max ? 0 : provisionTime[capacity],
    maxNodes: max,
  };
}
