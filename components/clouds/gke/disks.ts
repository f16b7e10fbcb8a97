import type { Machine } from "../../../catalog/machines";

/** Size of one local SSD of the families that bring theirs along, in GB (docs/facts.md 1.6). */
const localSsdGB = 375;

/** Whether the machine brings larger disks, whose use is left to GKE; its answer must not look like a change of ours. */
export function leavesLocalSsds({ name }: Pick<Machine, "name">): boolean {
  return name.startsWith("a4x-");
}

/** Local SSDs that hold images and scratch files: all that come with the machine. */
export function localSsds(machine: Pick<Machine, "name" | "nvmeGB">): number | undefined {
  if (!machine.nvmeGB || leavesLocalSsds(machine)) return undefined;
  return machine.nvmeGB / localSsdGB;
}
