import { isDeepStrictEqual } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { current, identityIn, readKubeconfig } from "../components/cluster/kubeconfig";
import type { OtherCluster } from "./other-stack";
import type { Stack } from "./stack";
import type { StateBefore } from "./state-before";

/** The provider of a cluster that somebody else made, as the state has it. */
const provider = z.object({
  kubeconfig: z.string(),
  clusterIdentifier: z.string().optional(),
});
const component = z.object({ uid: z.string() });

const componentUrn = /::gpu-serving:index:(?:ExistingCluster|ClusterOfStack)::cluster$/;
const providerUrn =
  /::gpu-serving:index:(?:ExistingCluster|ClusterOfStack)\$pulumi:providers:kubernetes::cluster$/;
const objectUrn = /[$:]kubernetes:[^:$]+:[^:$]+::[^:]+$/;

/** What a cluster of somebody else's is known by. */
export interface KnownCluster {
  /** What its objects are kept by for as long as it is the same. */
  identity: string;
  /** Uid of its namespace `kube-system`, which no other cluster has (docs/facts.md 10.9); undefined as long as nobody could read it. */
  uid?: string;
}

/** What is found of a cluster now. */
export interface FoundCluster {
  kubeconfig: string;
  /** What the stack file says that it is known by. */
  identity?: string;
  /** What the stack that makes it says that it is known by. */
  told?: string;
  /** Whether another stack makes or takes it. @default false */
  ofStack?: boolean;
  /** Uid of its namespace `kube-system`; undefined where it cannot be read. */
  uid?: string;
}

/**
 * What the cluster of somebody else's is known by; undefined for one that the stack makes, which replaces its objects only together with
 * itself. Refuses an `up` or preview on another cluster than that of the state, before anything is registered.
 * @param uidOf reads the uid of the namespace `kube-system` on the cluster of a kubeconfig
 */
export async function clusterAsBefore(
  { cluster }: Pick<Stack, "cluster">,
  before: StateBefore,
  other: OtherCluster | undefined,
  uidOf: (kubeconfig: string) => Promise<string | undefined>,
): Promise<KnownCluster | undefined> {
  if (cluster.kind !== "existing") return undefined;
  const kubeconfig = other?.kubeconfig ?? readKubeconfig(cluster);
  return sameCluster(before, {
    ...{ kubeconfig, identity: cluster.identity, told: other?.identity },
    ...{ ofStack: other !== undefined, uid: await uidOf(kubeconfig) },
  });
}

/** What the cluster is known by; throws where it is not the one that the objects of the state are on. */
export function sameCluster(before: StateBefore, now: FoundCluster): KnownCluster {
  const { kubeconfig, uid } = now;
  const outputs = (urn: RegExp) => [...before].find(([of]) => urn.test(of))?.[1];
  const was = provider.safeParse(outputs(providerUrn)).data;
  const uidBefore = component.safeParse(outputs(componentUrn)).data?.uid;
  const named = identityIn(kubeconfig);
  // Objects that were made under the name in the kubeconfig stay with it when the other stack begins to tell more.
  const kept = was?.clusterIdentifier === named ? named : now.told;
  const identity = now.identity ?? kept ?? named;
  const hasObjects = [...before.keys()].some((of) => objectUrn.test(of));
  if (!was || !hasObjects) return { identity, uid };
  if (was.clusterIdentifier === undefined) refuseMoved(was.kubeconfig, kubeconfig);
  else if (was.clusterIdentifier !== identity) {
    throw renamed(was.clusterIdentifier, identity, now.ofStack);
  }
  if (uid !== undefined && uidBefore !== undefined && uid !== uidBefore) {
    throw namesake(identity, { server: addressOf(current(kubeconfig)), uid, uidBefore });
  }
  return { identity, uid: uid ?? uidBefore };
}

const madeAnew = "every object would be made anew and the former ones deleted";

function refuseMoved(old: string, now: string): void {
  const [was, found] = [old, now].map(current);
  if (isDeepStrictEqual(was?.cluster, found?.cluster)) return;
  throw refused({
    problem: `the address or the authority of the cluster changed before its identity was kept: ${madeAnew}`,
    found: `${addressOf(found)}; the state was made at ${addressOf(was)}`,
    allowed: "the address and authority of the last pulumi up, for one more",
    fix: "put the former kubeconfig back and run pulumi up, which keeps the identity and changes nothing else; then take the new one",
  });
}

function renamed(was: string, identity: string, ofStack = false): pulumi.RunError {
  const another =
    "for another cluster, make a stack of its own (pulumi stack init) and destroy this one";
  return refused({
    problem: `not the cluster that the objects of this stack are on: ${madeAnew}`,
    found: identity,
    allowed: was,
    fix: ofStack
      ? `${another}; where it is the same cluster, let its own stack tell the former name (cluster.identity, for a cluster of kind existing)`
      : `where it is the same cluster under another name, set cluster.identity to ${was}; ${another}`,
  });
}

function namesake(
  identity: string,
  { server, uid, uidBefore }: Record<"server" | "uid" | "uidBefore", string>,
): pulumi.RunError {
  return refused({
    problem: `not the cluster that the objects of this stack are on, though it is known by the same name (${identity})`,
    found: `${server}, whose namespace kube-system has the uid ${uid}`,
    allowed: `the cluster whose namespace kube-system has the uid ${uidBefore}`,
    fix: "use the kubeconfig of that cluster; for another one, make a stack of its own (pulumi stack init). Where that cluster is gone for good, take its objects out of the state with PULUMI_K8S_DELETE_UNREACHABLE=true pulumi refresh, then run pulumi up",
  });
}

function addressOf(found: ReturnType<typeof current>): string {
  const server = found?.cluster.server;
  return typeof server === "string" ? server : "no address";
}

function refused(of: {
  problem: string;
  found: string;
  allowed: string;
  fix: string;
}): pulumi.RunError {
  return new pulumi.RunError(
    [
      `cluster: ${of.problem}; nothing was created or changed.`,
      `    found:   ${of.found}`,
      `    allowed: ${of.allowed}`,
      `    do:      ${of.fix}`,
    ].join("\n"),
  );
}
