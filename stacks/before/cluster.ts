import { isDeepStrictEqual } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { current, identityIn, readKubeconfig } from "../../components/cluster/kubeconfig";
import type { OtherCluster } from "../other-stack";
import type { Stack } from "../stack";
import { foundIn, refused, type StateBefore } from "./state";

/** Class of the component that makes a cluster, and how the stack file asks for it. */
const classes: Record<string, string> = {
  GkeCluster: "kind: gke",
  EksCluster: "kind: eks",
  AksCluster: "kind: aks",
  ExistingCluster: "kind: existing",
  ClusterOfStack: "kind: existing, with stack",
};

const component = z.object({ uid: z.string() });
const provider = z.object({ kubeconfig: z.string(), clusterIdentifier: z.string().optional() });

/** What a cluster of somebody else's is known by. */
export interface KnownCluster {
  /** What its objects are kept by for as long as it is the same. */
  identity: string;
  /** Uid of its namespace `kube-system`, which no other cluster has (docs/facts.md 10.9); undefined as long as nobody could read it. */
  uid?: string;
}

/** Why the command of a kubeconfig does not log in, and what to do. */
interface FailedLogin {
  message: string;
  fix: string;
}

/** The uid of the namespace `kube-system` of a cluster, or why it cannot be read. */
export type FoundUid = { uid?: string; unseen?: string; login?: FailedLogin };

/** What a kubeconfig leads to. */
export interface Look {
  /** Logs in and asks the cluster for its uid. */
  uidOf: (kubeconfig: string) => Promise<FoundUid>;
  /** Logs in, and does not ask the cluster; undefined where that works. */
  failedLogin: (kubeconfig: string) => Promise<FailedLogin | undefined>;
}

/** What is found of a cluster now. */
export interface FoundCluster extends FoundUid {
  /** Text of its kubeconfig. */
  kubeconfig: string;
  /** What the stack file says that it is known by. */
  identity?: string;
  /** What the stack that makes or takes it tells of it, where that is another one. */
  other?: Pick<OtherCluster, "identity">;
}

const madeAnew = "every object would be made anew and the former ones deleted";

/**
 * Refuses an `up` or preview on a cluster of another kind than that of the state, before anything is registered: every object would be
 * replaced, and a cluster that the stack made would go with all that is on it.
 */
export function refuseOtherKind({ cluster }: Pick<Stack, "cluster">, before: StateBefore): void {
  const ofStack = cluster.kind === "existing" && cluster.stack !== undefined;
  const now = ofStack ? "kind: existing, with stack" : `kind: ${cluster.kind}`;
  const was = Object.keys(classes).flatMap((of) =>
    foundIn(before, of, z.unknown()).map(() => classes[of]),
  );
  const [other] = was;
  if (other === undefined || was.includes(now) || !hasObjects(before)) return;
  throw refused({
    path: ["cluster"],
    problem: `a cluster of another kind is another stack: ${madeAnew}`,
    found: now,
    allowed: other,
    fix: `write ${other} again, and make a stack of its own for the other cluster (pulumi stack init); once nothing of this one is left (pulumi destroy), it may have any kind`,
  });
}

/**
 * What the cluster of somebody else's is known by; undefined for one that the stack makes, which replaces its objects only together with
 * itself. Refuses an `up` or preview on another cluster than that of the state, or without a login, before anything is registered, and
 * warns where it cannot be told whether it is the same.
 */
export async function clusterAsBefore(
  { cluster }: Pick<Stack, "cluster">,
  before: StateBefore,
  other: OtherCluster | undefined,
  { uidOf, failedLogin }: Look,
  warn: (text: string) => unknown = (text) => pulumi.log.warn(text),
): Promise<KnownCluster | undefined> {
  if (cluster.kind !== "existing") return undefined;
  const kubeconfig = other?.kubeconfig ?? readKubeconfig(cluster);
  // A preview keeps no uid, so without one to compare it need not ask.
  const asks = !pulumi.runtime.isDryRun() || uidIn(before) !== undefined;
  const found = asks ? await uidOf(kubeconfig) : { login: await failedLogin(kubeconfig) };
  if (found.login) throw noLogin(found.login);
  const { identity } = cluster;
  const { warning, ...known } = sameCluster(before, { kubeconfig, identity, other, ...found });
  if (warning !== undefined) await warn(warning);
  return known;
}

/** Without a login the provider would preview the cluster as if it were empty, and fail in an `up` without the command's own words. */
function noLogin({ message, fix }: FailedLogin): pulumi.RunError {
  return refused({
    path: ["cluster"],
    problem: "nobody is logged in to it",
    found: message,
    allowed: "a login by the command of the kubeconfig",
    fix,
  });
}

/** What the cluster is known by; throws where it is not the one that the objects of the state are on. */
export function sameCluster(
  before: StateBefore,
  now: FoundCluster,
): KnownCluster & { warning?: string } {
  const { kubeconfig, uid, other } = now;
  const was = ofSomebodyElse(before, "$pulumi:providers:kubernetes", provider);
  const named = identityIn(kubeconfig);
  // Objects that were made under the name in the kubeconfig stay with it when the other stack begins to tell more.
  const kept = was?.clusterIdentifier === named ? named : other?.identity;
  const identity = now.identity ?? kept ?? named;
  if (!was || !hasObjects(before)) return { identity, uid };
  const entry = current(kubeconfig)?.cluster;
  const entryBefore = current(was.kubeconfig)?.cluster;
  const isSameEntry = isDeepStrictEqual(entryBefore, entry);
  if (was.clusterIdentifier === undefined && !isSameEntry) {
    throw refused({
      path: ["cluster"],
      problem: `the address or the authority of the cluster changed before its identity was kept: ${madeAnew}`,
      found: `${addressIn(entry)}; the state was made at ${addressIn(entryBefore)}`,
      allowed: "the address and authority of the last pulumi up, for one more",
      fix: "put the former kubeconfig back and run pulumi up, which keeps the identity and changes nothing else; then take the new one",
    });
  }
  if (was.clusterIdentifier !== undefined && was.clusterIdentifier !== identity) {
    const another =
      "for another cluster, make a stack of its own (pulumi stack init) and destroy this one";
    throw refused({
      path: ["cluster"],
      problem: `not the cluster that the objects of this stack are on: ${madeAnew}`,
      found: identity,
      allowed: was.clusterIdentifier,
      fix: other
        ? `${another}; where it is the same cluster, let its own stack tell the former name (cluster.identity, for a cluster of kind existing)`
        : `where it is the same cluster under another name, set cluster.identity to ${was.clusterIdentifier}; ${another}`,
    });
  }
  const uidBefore = uidIn(before);
  if (uidBefore === undefined || uid === uidBefore) return { identity, uid };
  if (uid !== undefined) {
    throw refused({
      path: ["cluster"],
      problem: `not the cluster that the objects of this stack are on, though it is known by the same name (${identity})`,
      found: `${addressIn(entry)}, whose namespace kube-system has the uid ${uid}`,
      allowed: `the cluster whose namespace kube-system has the uid ${uidBefore}`,
      fix: "use the kubeconfig of that cluster; for another one, make a stack of its own (pulumi stack init). Where that cluster is gone for good, take its objects out of the state with PULUMI_K8S_DELETE_UNREACHABLE=true pulumi refresh, then run pulumi up",
    });
  }
  // A uid is kept for the cluster that it was seen on alone, which its authority tells.
  const isSecure =
    addressIn(entry).startsWith("https:") && entry?.["insecure-skip-tls-verify"] !== true;
  const stays = isSameEntry && isSecure;
  const how = stays ? "with the same address and authority as" : "not known to be that of";
  const warning = [
    `cluster: cannot be compared with the one that the objects of this stack are on, because the uid of its namespace kube-system cannot be read: ${now.unseen ?? "no reason is known"}.`,
    `    found:   ${addressIn(entry)}, ${how} the last pulumi up`,
    `    do:      make sure that it is that cluster, and let this login read the namespace kube-system`,
  ].join("\n");
  return { identity, uid: stays ? uidBefore : undefined, warning };
}

/** What the state has of the cluster of somebody else's, or of its provider. */
function ofSomebodyElse<Found>(before: StateBefore, below: string, schema: z.ZodType<Found>) {
  return ["ExistingCluster", "ClusterOfStack"]
    .flatMap((of) => foundIn(before, `${of}${below}`, schema))
    .find(({ name }) => name === "cluster")?.found;
}

/** Uid of the cluster as the last `up` kept it. */
function uidIn(before: StateBefore): string | undefined {
  return ofSomebodyElse(before, "", component)?.uid;
}

function hasObjects(before: StateBefore): boolean {
  return before.some(({ type }) => /(?:^|\$)kubernetes:[^$]+$/.test(type));
}

function addressIn(cluster?: Record<string, unknown>): string {
  return typeof cluster?.server === "string" ? cluster.server : "no address";
}
