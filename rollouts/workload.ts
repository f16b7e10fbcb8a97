import { isReady, lastTime } from "./observed";
import type {
  Condition,
  ObservedDaemonSet,
  ObservedDeployment,
  ObservedEvent,
  ObservedJob,
  ObservedPod,
  ObservedReplicaSet,
} from "./observed";

/** A workload and what is on its way for its newest version. */
export interface Observed {
  /** Whether its controller has seen the newest version. */
  seen: boolean;
  /** Number of the newest version of a Deployment, as its controller counts them. */
  revision?: string;
  /** Pods that are wanted. */
  wanted: number;
  /** Whether all pods are of the newest version and available, and none of another version is left. */
  complete: boolean;
  /** Seconds without progress after which its controller gives it up. @default it never does */
  deadline?: number;
  /** What its controller and that of its newest version say of it. */
  conditions: Condition[];
  /** Pods of the newest version that are to stay. */
  pods: ObservedPod[];
  /** Nodes that are not ready, whose pods of a DaemonSet are not waited for. @default none */
  away?: readonly string[];
  /** What is said of it when it is complete. @default how many are ready */
  completeAs?: string;
  /** Pods of any version that are ending, so that their room is about to be free. */
  leaving: number;
  /** What happened to those pods. */
  events: ObservedEvent[];
}

/** A Deployment, of whose ReplicaSets the newest counts: an old version may crash while it is replaced. */
export function ofDeployment(
  { metadata, spec, status }: ObservedDeployment,
  replicaSets: readonly ObservedReplicaSet[],
  pods: readonly ObservedPod[],
  events: readonly ObservedEvent[],
): Observed {
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = nulled(status);
  const wanted = spec.replicas ?? 1;
  const seen = (status.observedGeneration ?? 0) >= metadata.generation;
  const revision = revisionOf(metadata);
  const own = replicaSets.filter((one) => ownedBy(one, metadata.uid));
  const newest = own.find((one) => revisionOf(one.metadata) === revision);
  return {
    seen,
    revision,
    wanted,
    complete:
      seen && updatedReplicas === wanted && replicas === wanted && availableReplicas === wanted,
    deadline: spec.progressDeadlineSeconds ?? undefined,
    // Where its newest version has no ReplicaFailure, the Deployment repeats that of an old one.
    conditions: [
      ...(status.conditions ?? []).filter(({ type }) => !newest || type !== "ReplicaFailure"),
      ...(newest?.status.conditions ?? []),
    ],
    pods: newest ? staying(pods.filter((one) => ownedBy(one, newest.metadata.uid))) : [],
    leaving: pods.filter(({ metadata }) => metadata.deletionTimestamp).length,
    events: [...events],
  };
}

/**
 * A DaemonSet; its pods carry the number of the version that they are of. Nobody knows when a node comes back that is not ready: what
 * is on the nodes in `away` does not count.
 */
export function ofDaemonSet(
  { metadata, status }: ObservedDaemonSet,
  pods: readonly ObservedPod[],
  events: readonly ObservedEvent[],
  away: readonly string[] = [],
): Observed {
  const wanted = status.desiredNumberScheduled ?? 0;
  const seen = (status.observedGeneration ?? 0) >= metadata.generation;
  const version = metadata.annotations?.["deprecated.daemonset.template.generation"];
  const own = pods
    .filter((one) => ownedBy(one, metadata.uid))
    .filter(({ spec }) => !away.includes(spec.nodeName ?? ""));
  const newest = staying(own).filter(
    (one) => version === undefined || one.metadata.labels?.["pod-template-generation"] === version,
  );
  const all =
    (status.updatedNumberScheduled ?? 0) === wanted && (status.numberAvailable ?? 0) === wanted;
  const allButAway =
    away.length > 0 && newest.filter(isReady).length === Math.max(0, wanted - away.length);
  return {
    seen,
    wanted,
    complete: seen && (all || allButAway),
    conditions: [],
    pods: newest,
    away,
    leaving: own.length - staying(own).length,
    events: [...events],
  };
}

/** A Job, which is complete here as soon as it has started; its own events say where the API server takes no pod of it. */
export function ofJob(
  { metadata, spec, status }: ObservedJob,
  pods: readonly ObservedPod[],
  events: readonly ObservedEvent[],
): Observed {
  const own = pods.filter((one) => ownedBy(one, metadata.uid));
  const refusals = events.filter(({ reason }) => reason === "FailedCreate");
  return {
    seen: true,
    wanted: spec.parallelism ?? 1,
    complete: [status.ready, status.succeeded, status.failed].some((count) => (count ?? 0) > 0),
    completeAs: "started",
    conditions: refusals.map((refusal) => ({
      ...{ type: "ReplicaFailure", status: "True", message: refusal.message },
      lastTransitionTime: lastTime(refusal),
    })),
    pods: staying(own),
    leaving: own.length - staying(own).length,
    events: [...events],
  };
}

/** Number of a Deployment's newest version, or of a ReplicaSet's. */
export function revisionOf({
  annotations,
}: {
  annotations?: Record<string, string> | null;
}): string | undefined {
  return annotations?.["deployment.kubernetes.io/revision"];
}

function staying(pods: readonly ObservedPod[]): ObservedPod[] {
  return pods.filter(({ metadata }) => !metadata.deletionTimestamp);
}

function ownedBy({ metadata }: ObservedPod | ObservedReplicaSet, uid: string): boolean {
  return !!metadata.ownerReferences?.some((owner) => owner.uid === uid);
}

function nulled(status: ObservedDeployment["status"]) {
  return {
    replicas: status.replicas ?? 0,
    updatedReplicas: status.updatedReplicas ?? 0,
    availableReplicas: status.availableReplicas ?? 0,
  };
}
