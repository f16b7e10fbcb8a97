import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { systemPoolName } from "../../components/clouds/aks/own-nodes";
import { ownZones } from "../../components/clouds/aks/own-nodes";
import type { Stack } from "../stack";
import { foundIn, refused, type StateBefore } from "./state";

const aksCluster = z.object({
  location: z.string(),
  agentPoolProfiles: z.array(
    z.object({
      name: z.string(),
      vmSize: z.string().optional(),
      availabilityZones: z.array(z.string()).nullish(),
    }),
  ),
});

/**
 * Refuses an `up` or preview that would give the system pool of a living AKS cluster other zones, before anything is registered:
 * Azure refuses it too, but only after other resources were changed (docs/facts.md 4.22). A cluster that was made without zones stays
 * so as long as the file names none, although its region has some by now.
 */
export function zonesAsBefore(
  { cluster }: Pick<Stack, "cluster">,
  before: StateBefore,
): { withoutZones: boolean } {
  if (cluster.kind !== "aks") return { withoutZones: false };
  const { region, zones } = cluster;
  const old = zonesIn(before, region);
  if (!old) return { withoutZones: false };
  const withoutZones = old.length === 0;
  const now = sorted(ownZones(region, zones, withoutZones) ?? []);
  if (isDeepStrictEqual(old, now)) return { withoutZones };
  const here = `write zones: ${JSON.stringify(old).replaceAll(",", ", ")} for the cluster, and name others`;
  throw refused({
    path: ["cluster", "zones"],
    problem: "AKS keeps the zones of the nodes for its own pods as long as the cluster lives",
    found: `${zones ? "" : "nothing, which means "}${shown(now)}`,
    allowed: shown(old),
    fix: `${withoutZones ? "name zones" : here} for the GPU pools alone; or make a second cluster in a stack of its own.`,
  });
}

/**
 * Machine of the nodes for AKS's own pods of a living cluster, which keeps it whatever `cluster.system` says by now (docs/facts.md 4.5);
 * undefined where there is none yet.
 */
export function firstMachineAsBefore(
  { cluster }: Pick<Stack, "cluster">,
  before: StateBefore,
): string | undefined {
  return cluster.kind === "aks" ? firstPoolIn(before, cluster.region)?.vmSize : undefined;
}

/** Zones of the system pool of the cluster in the state. */
function zonesIn(before: StateBefore, region: string): string[] | undefined {
  const pool = firstPoolIn(before, region);
  return pool && sorted(pool.availabilityZones ?? []);
}

/** System pool of the cluster in the state; undefined where there is none in this region: in another it is another cluster. */
function firstPoolIn(before: StateBefore, region: string) {
  const type = "AksCluster$azure-native:containerservice:ManagedCluster";
  const [was] = foundIn(before, type, aksCluster);
  const pool = was?.found.agentPoolProfiles.find(({ name }) => name === systemPoolName);
  return plain(was?.found.location ?? "") === plain(region) ? pool : undefined;
}

function sorted(zones: readonly string[]): string[] {
  return [...new Set(zones)].sort();
}

function shown(zones: readonly string[]): string {
  return zones.length > 0 ? zones.join(", ") : "no zones";
}

/** Azure writes `eastus` and `East US` for the same region. */
function plain(region: string): string {
  return region.toLowerCase().replaceAll(" ", "");
}
