import { hasZones } from "./rules";
import { regionZones } from "./own-nodes";

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
