import { hasZones } from "./rules";
import { regionZones } from "./own-nodes";

/** Zones of nodes without GPUs; undefined where the region has none. */
export function ownZones(
  region: string,
  zones: readonly string[] | undefined,
): string[] | undefined {
  return zones ? [...zones] : hasZones(region) ? [...regionZones] : undefined;
}
