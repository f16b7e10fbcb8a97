import { groupOrder } from "./autoscaling";
import type { SystemPool } from "./auto-pools";
import type { ManagedPool } from "../managed";
import { efaCards } from "./efa";
import { gpuGroups, systemGroups, type GroupSettings } from "./group-settings";

/** What the node groups of a cluster are, before anything is made. */
export interface GroupPlan {
  /** Groups without GPUs, one for each zone. */
  system: GroupSettings[];
  /** Groups with GPUs. */
  gpu: GroupSettings[];
  /** Names of groups as the autoscaler should try them, as regular expressions; groups in one entry are equal. */
  order: string[][];
  /** Nodes of all groups together. */
  maxNodes: number;
  /** Whether nodes of a pool have EFA. */
  efa: boolean;
}

/** What a plan is made from. */
export interface GroupPlanArgs {
  /** Nodes without GPUs. */
  system: SystemPool;
  /** Zones of nodes, unless a pool says otherwise. */
  zones: readonly string[];
  /** GPU pools, by name. */
  pools: Readonly<Record<string, ManagedPool>>;
}

/** Plans the node groups of a cluster. */
export function groupPlan({ system, zones, pools }: GroupPlanArgs): GroupPlan {
  const ofPools = Object.entries(pools).map(([name, pool]) => gpuGroups(name, pool, zones));
  const all = Object.values(pools);
  return {
    system: systemGroups(system, zones),
    gpu: ofPools.flat(2),
    order: groupOrder(ofPools),
    maxNodes: all.reduce((sum, { nodes }) => sum + nodes.max, system.nodes.max),
    efa: all.some((pool) => efaCards(pool) !== undefined),
  };
}
