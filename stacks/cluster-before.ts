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

/** Class of the component that makes a cluster, and how the stack file asks for it. */
const classes: Record<string, string> = {
  GkeCluster: "kind: gke",
  EksCluster: "kind: eks",
  AksCluster: "kind: aks",
  ExistingCluster: "kind: existing",
  ClusterOfStack: "kind: existing, with stack",
};

const componentUrn = new RegExp(
  `::gpu-serving:index:(${Object.keys(classes).join("|")})::cluster$`,
);
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
  /** Why that cannot be read. */
  unseen?: string;
}

/**
 * Refuses an `up` or preview on a cluster of another kind than that of the state, before anything is registered: every object would be
 * replaced, and a cluster that the stack made would go with all that is on it.
 */
export function refuseOtherKind({ cluster }: Pick<Stack, "cluster">, before: StateBefore): void {
  const now =
    cluster.kind === "existing" && cluster.stack !== undefined
      ? "kind: existing, with stack"
      : `kind: ${cluster.kind}`;
  const was = [...before.keys()].flatMap((urn) => classes[componentUrn.exec(urn)?.[1] ?? ""] ?? []);
  const [other] = was;
  if (other === undefined || was.includes(now) || !hasObjects(before)) return;
  throw refused({
    problem: `a cluster of another kind is another stack: ${madeAnew}`,
    found: now,
    allowed: other,
    fix: `write ${other} again, and make a stack of its own for the other cluster (pulumi stack init); once nothing of this one is left (pulumi destroy), it may have any kind`,
  });
}

/**
 * What the cluster of somebody else's is known by; undefined for one that the stack makes, which replaces its objects only together with
 * itself. Refuses an `up` or preview on another cluster than that of the state, before anything is registered, and warns where that
 * cannot be told.
 * @param uidOf reads the uid of the namespace `kube-system` on the cluster of a kubeconfig, or says why it cannot
 */
export async function clusterAsBefore(
  { cluster }: Pick<Stack, "cluster">,
  before: StateBefore,
  other: OtherCluster | undefined,
  uidOf: (kubeconfig: string) => Promise<Pick<FoundCluster, "uid" | "unseen">>,
  warn: (text: string) => unknown = (text) => pulumi.log.warn(text),
): Promise<KnownCluster | undefined> {
  if (cluster.kind !== "existing") return undefined;
  const kubeconfig = other?.kubeconfig ?? readKubeconfig(cluster);
  // A preview keeps no uid, so without one to compare it need not ask.
  const asks = !pulumi.runtime.isDryRun() || uidIn(before) !== undefined;
  const { warning, ...known } = sameCluster(before, {
    ...{ kubeconfig, identity: cluster.identity, told: other?.identity },
    ...{ ofStack: other !== undefined, ...(asks && (await uidOf(kubeconfig))) },
  });
  if (warning !== undefined) await warn(warning);
  return known;
}

/** What the cluster is known by; throws where it is not the one that the objects of the state are on. */
export function sameCluster(
  before: StateBefore,
  now: FoundCluster,
): KnownCluster & { warning?: string } {
  const { kubeconfig, uid } = now;
  const was = provider.safeParse(outputsOf(before, providerUrn)).data;
  const uidBefore = uidIn(before);
  const named = identityIn(kubeconfig);
  // Objects that were made under the name in the kubeconfig stay with it when the other stack begins to tell more.
  const kept = was?.clusterIdentifier === named ? named : now.told;
  const identity = now.identity ?? kept ?? named;
  if (!was || !hasObjects(before)) return { identity, uid };
  if (was.clusterIdentifier === undefined) refuseMoved(was.kubeconfig, kubeconfig);
  else if (was.clusterIdentifier !== identity) {
    throw renamed(was.clusterIdentifier, identity, now.ofStack);
  }
  if (uidBefore === undefined || uid === uidBefore) return { identity, uid };
  if (uid !== undefined) {
    throw namesake(identity, { server: addressOf(current(kubeconfig)), uid, uidBefore });
  }
  // A uid is kept for the cluster that it was seen on alone, which its authority tells.
  const stays = isSameEntry(was.kubeconfig, kubeconfig) && isSecure(kubeconfig);
  return {
    identity,
    uid: stays ? uidBefore : undefined,
    warning: uncompared(kubeconfig, stays, now.unseen),
  };
}

function outputsOf(before: StateBefore, urn: RegExp): unknown {
  return [...before].find(([of]) => urn.test(of))?.[1];
}

/** Uid of the cluster as the last `up` kept it. */
function uidIn(before: StateBefore): string | undefined {
  return component.safeParse(outputsOf(before, componentUrn)).data?.uid;
}

function hasObjects(before: StateBefore): boolean {
  return [...before.keys()].some((of) => objectUrn.test(of));
}

function isSameEntry(old: string, now: string): boolean {
  return isDeepStrictEqual(current(old)?.cluster, current(now)?.cluster);
}

/** Whether a server shows that it is the one of the entry. */
function isSecure(kubeconfig: string): boolean {
  const { server, "insecure-skip-tls-verify": skips } = current(kubeconfig)?.cluster ?? {};
  return typeof server === "string" && server.startsWith("https:") && skips !== true;
}

function uncompared(kubeconfig: string, stays: boolean, unseen = "no reason is known"): string {
  const how = stays ? "with the same address and authority as" : "not known to be that of";
  return [
    `cluster: cannot be compared with the one that the objects of this stack are on, because the uid of its namespace kube-system cannot be read: ${unseen}.`,
    `    found:   ${addressOf(current(kubeconfig))}, ${how} the last pulumi up`,
    `    do:      make sure that it is that cluster, and let this login read the namespace kube-system`,
  ].join("\n");
}

const madeAnew = "every object would be made anew and the former ones deleted";

function refuseMoved(old: string, now: string): void {
  if (isSameEntry(old, now)) return;
  const [was, found] = [old, now].map(current);
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
