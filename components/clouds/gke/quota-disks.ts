import { nodeDiskGiB, type ManagedPool } from "../managed";
import { bootDiskType, gkeSystem } from "../../../catalog/gke";
import type { Need } from "../quota/need";

/** Quota of pd-balanced and pd-ssd disks in a region of a Google Cloud project (docs/facts.md 2.21). */
export const ssdTotal = "SSD_TOTAL_GB";

/** What the disks of all nodes take of it, all pools at `nodes.max`; Hyperdisks have quotas of their own. */
export function ssdNeed(pools: Readonly<Record<string, ManagedPool>>): Need {
  const ofPools = Object.entries(pools)
    .filter(([, { machine }]) => bootDiskType(machine) === "pd-balanced")
    .map(([name, pool]) => ({
      pool: name,
      amount: pool.nodes.max * nodeDiskGiB(pool),
      capacity: pool.capacity.map(({ kind }) => kind),
    }));
  const own = gkeSystem.maxNodes * gkeSystem.diskGiB;
  return {
    ...{ quota: ssdTotal, unit: "GB", parts: ofPools, own },
    amount: ofPools.reduce((sum, { amount }) => sum + amount, own),
  };
}
