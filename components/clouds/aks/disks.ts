import type { ManagedPool } from "../managed";
import { capacityZones } from "./names";
import { hasZones } from "./own-nodes";

/** StorageClass of disks. */
export const diskStorageClass = "gpu-serving-disk";

/** Kinds of Azure's disks: of one zone, or of all zones of the region. */
export type DiskSku = "Premium_LRS" | "Premium_ZRS";

/** What the kind of the disks depends on: where nodes may be. */
export interface NodePlaces {
  region: string;
  /** Zones of the nodes without GPUs. */
  plainZones: readonly string[] | undefined;
  pools: Readonly<Record<string, ManagedPool>>;
}

/**
 * Kind of the disks. One of a zone is attached to nodes of that zone alone, and to none of a pool without zones, so where a
 * volume may move between those the disk is of all zones (docs/facts.md 4.21). Nodes of one zone need no such disk.
 */
export function diskSku({ region, plainZones, pools }: NodePlaces): DiskSku {
  if (!hasZones(region)) return "Premium_LRS";
  const places = [
    plainZones,
    ...Object.values(pools).flatMap((pool) =>
      pool.capacity.map((type) => capacityZones(pool, type)),
    ),
  ];
  const [first] = plainZones ?? [];
  // A disk of no zone is attached to nodes of no zone.
  if (places.every((zones) => zones === undefined)) return "Premium_LRS";
  const together = places.every((zones) => zones?.length === 1 && zones[0] === first);
  return together ? "Premium_LRS" : "Premium_ZRS";
}

/** Pools with their zones: the cluster's where they name none. */
export function inZones<Pool extends ManagedPool>(
  pools: Readonly<Record<string, Pool>>,
  zones: readonly string[] | undefined,
): Record<string, Pool> {
  return Object.fromEntries(
    Object.entries(pools).map(([name, pool]) => [
      name,
      { ...pool, zones: pool.zones ?? (zones && [...zones]) },
    ]),
  );
}
