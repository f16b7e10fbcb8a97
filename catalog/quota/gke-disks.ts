import type { ManagedPool } from "../../components/cluster/managed";
import { bootDiskType, gkeSystem, nodeDiskGiB } from "../gke-disks";
import type { Need } from "./need";

/** Quota of pd-balanced and pd-ssd disks in a region of a Google Cloud project (docs/facts.md 2.21). */
export const ssdTotal = "SSD_TOTAL_GB";

/** What the disks of all nodes take of it, all pools at `nodes.max`; Hyperdisks have quotas of their own. */
export function ssdNeed(pools: Readonly<Record<string, ManagedPool>>): Need {
  const ofPools = Object.entries(pools)
    .filter(([, { machine }]) => bootDiskType(machine) === "pd-balanced")
    .map(([pool, { nodes, capacity, diskGiB }]) => ({
      pool,
      amount: nodes.max * nodeDiskGiB({ diskGiB }),
      rungs: capacity.map(({ kind }) => kind),
    }));
  const system = {
    pool: "nodes without GPUs",
    amount: gkeSystem.maxNodes * gkeSystem.diskGiB,
    rungs: ["on-demand" as const],
  };
  const parts = [...ofPools, system];
  return {
    ...{ quota: ssdTotal, unit: "GB", parts },
    amount: parts.reduce((sum, { amount }) => sum + amount, 0),
    path: ofPools.length > 0 ? undefined : ["cluster"],
  };
}
