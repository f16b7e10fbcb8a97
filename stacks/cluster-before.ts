import { isDeepStrictEqual } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { current, identityIn, readKubeconfig } from "../components/cluster/kubeconfig";
import type { Stack } from "./stack";
import type { StateBefore } from "./state-before";

/** The provider of a cluster that somebody else made, as the state has it. */
const provider = z.object({
  kubeconfig: z.string(),
  clusterIdentifier: z.string().optional(),
});

const urn =
  /::gpu-serving:index:(?:ExistingCluster|ClusterOfStack)\$pulumi:providers:kubernetes::cluster$/;

/**
 * Refuses an `up` or preview that would make every object anew on one cluster and delete those on another one, before anything is
 * registered. A cluster that the stack makes replaces its objects only together with itself.
 */
export function refuseOtherCluster(
  { cluster }: Pick<Stack, "cluster">,
  before: StateBefore,
  other?: { kubeconfig: string },
): void {
  if (cluster.kind !== "existing") return;
  const kubeconfig = other?.kubeconfig ?? readKubeconfig(cluster);
  const reason = otherCluster(before, { kubeconfig, identity: cluster.identity });
  if (reason !== undefined) throw new pulumi.RunError(reason);
}

/** Why the objects of the state would be replaced, and what to do; undefined where they stay. */
export function otherCluster(
  before: StateBefore,
  now: { kubeconfig: string; identity?: string },
): string | undefined {
  const outputs = [...before].find(([of]) => urn.test(of))?.[1];
  const { data: was } = provider.safeParse(outputs);
  if (!was) return undefined;
  const identity = now.identity ?? identityIn(now.kubeconfig);
  if (was.clusterIdentifier === undefined) {
    const [old, found] = [was.kubeconfig, now.kubeconfig].map(current);
    if (isDeepStrictEqual(old?.cluster, found?.cluster)) return undefined;
    return refused({
      problem: "the address or the authority of the cluster changed before its identity was kept",
      found: `${addressOf(found)}; the state was made at ${addressOf(old)}`,
      allowed: "the address and authority of the last pulumi up, for one more",
      fix: "put the former kubeconfig back and run pulumi up, which keeps the identity and changes nothing else; then take the new one",
    });
  }
  if (was.clusterIdentifier === identity) return undefined;
  return refused({
    problem: "not the cluster that the objects of this stack are on",
    found: identity,
    allowed: was.clusterIdentifier,
    fix: `where it is the same cluster under another name, set cluster.identity to ${was.clusterIdentifier}; for another cluster, make a stack of its own (pulumi stack init) and destroy this one`,
  });
}

function addressOf(found: ReturnType<typeof current>): string {
  const server = found?.cluster.server;
  return typeof server === "string" ? server : "no address";
}

function refused(of: { problem: string; found: string; allowed: string; fix: string }): string {
  return [
    `cluster: ${of.problem}: every object would be made anew and the former ones deleted; nothing was created or changed.`,
    `    found:   ${of.found}`,
    `    allowed: ${of.allowed}`,
    `    do:      ${of.fix}`,
  ].join("\n");
}
