import type { Machine } from "../../../catalog/machines";

/** Machine families that take no Persistent Disk (docs/facts.md 2.11). */
const hyperdiskOnly = /^(a3-ultragpu|a4|a4x|g4)-/;

/** Boot disk type that a machine takes. */
export function bootDiskType({ name }: Pick<Machine, "name">): string {
  return hyperdiskOnly.test(name) ? "hyperdisk-balanced" : "pd-balanced";
}

/** Disk type of volumes: one that the machines of the cluster's pools take; a mixed cluster's volumes go to the older ones. */
export function volumeDiskType(machines: readonly Pick<Machine, "name">[]): string {
  const types = new Set(machines.map(bootDiskType));
  return types.size === 1 && types.has("hyperdisk-balanced") ? "hyperdisk-balanced" : "pd-balanced";
}

/** Size of one local SSD of the families that bring theirs along, in GB (docs/facts.md 1.6). */
const localSsdGB = 375;

/**
 * Local SSDs that hold images and scratch files: all that come with the machine. None on a4x, whose disks are larger
 * and whose count nobody has looked up: there GKE's own default holds.
 */
export function localSsds({ name, nvmeGB }: Pick<Machine, "name" | "nvmeGB">): number | undefined {
  if (!nvmeGB || name.startsWith("a4x-")) return undefined;
  return nvmeGB / localSsdGB;
}
