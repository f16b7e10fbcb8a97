import type { SystemPool } from "../managed";

/** Name of the pool that a cluster is made with, for AKS's own pods. */
export const systemPoolName = "system";

/** Nodes of that pool. */
export const firstNodes = { min: 2, max: 5 } as const;

/** Nodes that an upgrade of a pool without GPUs adds. */
export const upgradeSurge = 1;

/** Most nodes of its own that a cluster has while both of their pools are upgraded. */
export function mostOwnNodes({ max }: Required<SystemPool>["nodes"]): number {
  return firstNodes.max + max + 2 * upgradeSurge;
}

/** Zones of nodes without GPUs where the file names none. */
export const regionZones: readonly string[] = ["1", "2", "3"];

/** Regions without availability zones (docs/facts.md 4.2). One that is not here counts as having three. */
const regionsWithoutZones = new Set([
  ...["australiacentral", "australiacentral2", "australiasoutheast", "brazilsoutheast"],
  ...["canadaeast", "francesouth", "germanynorth", "jioindiacentral", "jioindiawest", "koreasouth"],
  ...["northcentralus", "norwaywest", "southafricawest", "southindia", "swedensouth"],
  ...["switzerlandwest", "uaecentral", "ukwest", "westcentralus", "westindia", "westus"],
]);

/** Whether a region has availability zones. */
export function hasZones(region: string): boolean {
  return !regionsWithoutZones.has(region);
}

/**
 * Zones of nodes without GPUs; undefined where the region has none.
 * @param withoutZones the cluster was made when its region had none
 */
export function ownZones(
  region: string,
  zones: readonly string[] | undefined,
  withoutZones = false,
): string[] | undefined {
  if (zones) return [...zones];
  return hasZones(region) && !withoutZones ? [...regionZones] : undefined;
}
