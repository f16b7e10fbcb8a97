import {
  oneZone,
  tolerationsOf,
  type PlacedPool,
  type PlacedCapacity,
} from "../../cluster/cluster";
import { isOpen, offered, ownTaint } from "../cpu-pools";
import { gpuTaint, gpuToleration, poolLabel } from "../gpu-nodes";
import { spotNotice, type CapacityType } from "../managed";
import { efaCards, efaResources } from "./efa";
import type { EksMode } from "./mode";
import { floorTypes } from "./node-pool-names";
import type { EksPool } from "./schema";

/**
 * Seconds until a capacity type is given up. Auto Mode: a GPU node was ready after 76 s (EKS user guide, "Deploy an accelerated
 * workload"), and Karpenter goes on as soon as EC2 says that there is no capacity; four times that is an assumption.
 * Node groups: what we tell the cluster autoscaler.
 */
export const provisionTime: Readonly<Record<EksMode, number>> = { auto: 300, nodeGroups: 600 };

/** Seconds in which pods leave before EC2 ends a capacity block: drained from 40, ended from 30 minutes before its end. */
const blockNotice = 600;

/** Pool whose placement group the nodes of capacity types are in: AWS places those of a block itself, and a reservation is where it was made. */
export function placedWith(
  pool: string,
  { network }: EksPool,
  types: readonly CapacityType[],
): string | undefined {
  const reserved = types.some((type) => "reservation" in type);
  return network === undefined || reserved ? undefined : pool;
}

/** A pool as pods see it. */
export function placedPool(name: string, pool: EksPool, mode: EksMode): PlacedPool {
  const efa = efaCards(pool);
  return {
    name,
    ...offered(pool),
    maxNodes: pool.nodes.max,
    nodeSelector: { [poolLabel]: name },
    tolerations: pool.machine.gpu ? [gpuToleration] : tolerationsOf(taintsOf(name, pool)),
    capacityTypes: capacityTypesOf(pool, mode),
    interconnect: efa ? { ...oneZone, resources: efaResources(efa) } : oneZone,
  };
}

/** Taints of a pool's nodes. */
export function taintsOf(name: string, pool: EksPool) {
  if (pool.machine.gpu) return [gpuTaint];
  return isOpen(pool) ? [] : [ownTaint(name)];
}

/** The capacity types that may give nodes. Auto Mode counts nodes that always run with those they can come from, node groups with the first. */
function capacityTypesOf(
  { nodes: { min, max }, capacity }: EksPool,
  mode: EksMode,
): PlacedCapacity[] {
  const auto = mode === "auto";
  const floor = min > 0 ? floorTypes(capacity) : 0;
  return capacity
    .map((type, at) => ({
      ...kindOf(type),
      provisionTime: min === max && (auto || at === 0) ? 0 : provisionTime[mode],
      maxNodes: auto && at >= floor ? max - min : max,
    }))
    .filter(({ maxNodes }) => maxNodes > 0);
}

function kindOf({ kind }: CapacityType): Pick<PlacedCapacity, "capacity" | "notice"> {
  if (kind === "block") return { capacity: "reserved", notice: blockNotice };
  return { capacity: kind, notice: kind === "spot" ? spotNotice.eks : 0 };
}
