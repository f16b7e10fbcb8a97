import { isDeepStrictEqual } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { ownZones, systemPoolName } from "../components/clouds/aks/own-nodes";
import type { Stack } from "./stack";
import type { StateBefore } from "./state-before";

/** A cluster of AKS, as the state has it. */
const aksCluster = z.object({
  location: z.string(),
  agentPoolProfiles: z.array(
    z.object({ name: z.string(), availabilityZones: z.array(z.string()).nullish() }),
  ),
});

const urn =
  /::gpu-serving:index:AksCluster\$azure-native:containerservice:ManagedCluster::cluster$/;

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
  const reason = otherZones(cluster, before);
  if (reason !== undefined) throw new pulumi.RunError(reason);
  return { withoutZones: zonesOf(cluster.region, before)?.length === 0 };
}

/** Why the zones of nodes without GPUs cannot be these, and what to do; undefined where they can. */
export function otherZones(
  { region, zones }: { region: string; zones?: readonly string[] },
  before: StateBefore,
): string | undefined {
  const old = zonesOf(region, before);
  if (!old) return undefined;
  const now = sorted(ownZones(region, zones, old.length === 0) ?? []);
  if (isDeepStrictEqual(old, now)) return undefined;
  return [
    "cluster.zones: AKS keeps the zones of the nodes for its own pods as long as the cluster lives; nothing was changed.",
    `    found:   ${zones ? "" : "nothing, which means "}${shown(now)}`,
    `    allowed: ${shown(old)}`,
    `    do:      ${old.length > 0 ? `write zones: ${JSON.stringify(old).replaceAll(",", ", ")} for the cluster, and name others` : "name zones"} for the GPU pools alone; or make a second cluster in a stack of its own.`,
  ].join("\n");
}

/** Zones of the system pool of the cluster in the state; undefined where there is none in this region: in another it is another cluster. */
function zonesOf(region: string, before: StateBefore): string[] | undefined {
  const outputs = [...before].find(([of]) => urn.test(of))?.[1];
  const { data: was } = aksCluster.safeParse(outputs);
  const pool = was?.agentPoolProfiles.find(({ name }) => name === systemPoolName);
  if (!was || !pool || plain(was.location) !== plain(region)) return undefined;
  return sorted(pool.availabilityZones ?? []);
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
