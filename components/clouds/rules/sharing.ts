import { migProfiles } from "../../../catalog/sharing";
import type { ManagedPool } from "../managed";
import type { Problem } from "../../problem";

/** What is wrong with how the pods of a pool share its GPUs. */
export function sharingProblem(
  name: string,
  { machine, sharing }: ManagedPool,
): Problem | undefined {
  if (!sharing) return undefined;
  const path = ["pools", name, "sharing"];
  if (machine.gpuFraction < 1) {
    return {
      path,
      problem: `${machine.name} has a part of a GPU, which cannot be shared further`,
      found: sharing.kind === "mig" ? sharing.profile : `${sharing.clients} pods`,
      allowed: "machines with whole GPUs",
      fix: `remove sharing, or write gpu: ${machine.gpu} for a machine with a whole one`,
    };
  }
  if (sharing.kind === "time-slicing") return undefined;
  const profiles = migProfiles(machine.gpu, machine.cloud);
  if (profiles.includes(sharing.profile)) return undefined;
  const elsewhere = migProfiles(machine.gpu).includes(sharing.profile);
  return {
    path: [...path, "mig"],
    problem: elsewhere
      ? `a profile that ${machine.cloud} does not cut ${machine.gpu} into`
      : profiles.length > 0
        ? `not a profile of ${machine.gpu}`
        : `${machine.gpu} has no MIG`,
    found: JSON.stringify(sharing.profile),
    allowed: profiles.length > 0 ? profiles.join(", ") : "timeSlicing, on this GPU",
    fix: profiles.length > 0 ? "choose one of these" : "write { timeSlicing: 4 } instead",
  };
}
