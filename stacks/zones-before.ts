import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { systemPoolName } from "../components/clouds/aks/own-nodes";
import { ownZones } from "../components/clouds/aks/own-zones";
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
 * Azure refuses it too, but only after other resources were changed (docs/facts.md 4.22).
 */
export function refuseOtherZones({ cluster }: Pick<Stack, "cluster">, before: StateBefore): void {
  if (cluster.kind !== "aks") return;
  const reason = otherZones(cluster, before);
  if (reason !== undefined) throw new pulumi.RunError(reason);
}

/** Why the zones of nodes without GPUs cannot be these, and what to do; undefined where they can. */
export function otherZones(
  { region, zones }: { region: string; zones?: readonly string[] },
  before: StateBefore,
): string | undefined {
  const outputs = [...before].find(([of]) => urn.test(of))?.[1];
  const { data: was } = aksCluster.safeParse(outputs);
  const pool = was?.agentPoolProfiles.find(({ name }) => name === systemPoolName);
  // In another region it is another cluster.
  if (!was || !pool || plain(was.location) !== plain(region)) return undefined;
  const [old, now] = [pool.availabilityZones ?? [], ownZones(region, zones) ?? []].map(sorted);
  if (old === now) return undefined;
  return [
    "cluster.zones: AKS keeps the zones of the nodes for its own pods as long as the cluster lives; nothing was changed.",
    `    found:   ${zones ? "" : "nothing, which means "}${shown(now)}`,
    `    allowed: ${shown(old)}`,
    `    do:      ${old ? `write zones: [${old}] for the cluster, and name others` : "name zones"} for the GPU pools alone; or make a second cluster in a stack of its own.`,
  ].join("\n");
}

function sorted(zones: readonly string[]): string {
  return [...zones].sort().join(", ");
}

function shown(zones = ""): string {
  return zones === "" ? "no zones" : zones;
}

/** Azure writes `eastus` and `East US` for the same region. */
function plain(region: string): string {
  return region.toLowerCase().replaceAll(" ", "");
}
