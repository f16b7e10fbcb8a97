import { regionZones } from "./own-nodes";

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
