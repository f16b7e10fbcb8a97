import type {
  CoreV1Event,
  V1DaemonSet,
  V1Deployment,
  V1Job,
  V1ObjectMeta,
  V1Pod,
  V1ReplicaSet,
  V1ReplicaSetCondition,
} from "@kubernetes/client-node";

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
  conditions: V1ReplicaSetCondition[];
  /** Pods of the newest version that are to stay. */
  pods: V1Pod[];
  /** Pods of the newest version of which a container has crashed, where they are replaced then: those that are ending, too. @default none are */
  crashed?: V1Pod[];
  /** Nodes that are not ready, whose pods of a DaemonSet are not waited for. @default none */
  away?: readonly string[];
  /** What is said of it when it is complete. @default how many are ready */
  completeAs?: string;
  /** Pods of any version that are ending, so that their room is about to be free. */
  leaving: number;
  /** What happened to those pods. */
  events: CoreV1Event[];
}

/** A Deployment, of whose ReplicaSets the newest counts: an old version may crash while it is replaced. */
export function ofDeployment(
  { metadata = {}, spec, status = {} }: V1Deployment,
  replicaSets: readonly V1ReplicaSet[],
  pods: readonly V1Pod[],
  events: CoreV1Event[],
): Observed {
  const wanted = spec?.replicas ?? 1;
  const seen = hasSeen(metadata, status);
  const counts = [status.updatedReplicas, status.replicas, status.availableReplicas];
  const revision = revisionOf(metadata);
  const newest = replicaSets.find(
    (one) => ownedBy(one, metadata) && revisionOf(one.metadata) === revision,
  );
  return {
    seen,
    revision,
    wanted,
    complete: seen && counts.every((count) => (count ?? 0) === wanted),
    deadline: spec?.progressDeadlineSeconds,
    // Where its newest version has no ReplicaFailure, the Deployment repeats that of an old one.
    conditions: [
      ...(status.conditions ?? []).filter(({ type }) => !newest || type !== "ReplicaFailure"),
      ...(newest?.status?.conditions ?? []),
    ],
    pods: newest ? staying(pods.filter((one) => ownedBy(one, newest.metadata))) : [],
    leaving: pods.length - staying(pods).length,
    events,
  };
}

/**
 * A DaemonSet; its pods carry the number of the version that they are of. Nobody knows when a node comes back that is not ready: what
 * is on the nodes in `away` does not count.
 */
export function ofDaemonSet(
  { metadata = {}, status }: V1DaemonSet,
  pods: readonly V1Pod[],
  events: CoreV1Event[],
  away: readonly string[] = [],
): Observed {
  const wanted = status?.desiredNumberScheduled ?? 0;
  const counts = [status?.updatedNumberScheduled, status?.numberAvailable];
  const seen = hasSeen(metadata, status);
  const version = metadata.annotations?.["deprecated.daemonset.template.generation"];
  const own = pods.filter(
    (one) => ownedBy(one, metadata) && !away.includes(one.spec?.nodeName ?? ""),
  );
  const newest = staying(own).filter(
    ({ metadata }) =>
      version === undefined || metadata?.labels?.["pod-template-generation"] === version,
  );
  const all = counts.every((count) => (count ?? 0) === wanted);
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
    events,
  };
}

/** A Job, which is complete here as soon as it has started; its own events say where the API server takes no pod of it. */
export function ofJob(
  { metadata, spec, status }: V1Job,
  pods: readonly V1Pod[],
  events: CoreV1Event[],
): Observed {
  const own = pods.filter((one) => ownedBy(one, metadata));
  const refusals = events.filter(({ reason }) => reason === "FailedCreate");
  return {
    seen: true,
    wanted: spec?.parallelism ?? 1,
    complete: [status?.ready, status?.succeeded, status?.failed].some((count) => (count ?? 0) > 0),
    completeAs: "started",
    conditions: refusals.map((refusal) => ({
      ...{ type: "ReplicaFailure", status: "True", message: refusal.message },
      lastTransitionTime: lastTime(refusal),
    })),
    pods: staying(own),
    leaving: own.length - staying(own).length,
    events,
  };
}

/** Number of a Deployment's newest version, or of a ReplicaSet's. */
export function revisionOf(metadata?: {
  annotations?: Record<string, string> | null;
}): string | undefined {
  return metadata?.annotations?.["deployment.kubernetes.io/revision"];
}

/** Whether the controller of an object has seen its newest version. */
export function hasSeen(
  { generation = 0 }: V1ObjectMeta,
  status?: { observedGeneration?: number },
) {
  return (status?.observedGeneration ?? 0) >= generation;
}

/** The pods that are not ending. */
export function staying(pods: readonly V1Pod[]): V1Pod[] {
  return pods.filter(({ metadata }) => !metadata?.deletionTimestamp);
}

function ownedBy({ metadata }: V1Pod | V1ReplicaSet, owner?: V1ObjectMeta): boolean {
  return !!metadata?.ownerReferences?.some(({ uid }) => uid === owner?.uid);
}

/** When an event happened last. */
export function lastTime({ series, lastTimestamp, eventTime }: CoreV1Event): Date | undefined {
  const last = series?.lastObservedTime ?? lastTimestamp ?? eventTime;
  // The client leaves times with microseconds as they are written.
  return last && new Date(last);
}

/** The events of one container of a pod, or of a whole pod, oldest first. */
export function eventsOf(
  events: readonly CoreV1Event[],
  pod: V1Pod,
  container?: string,
): CoreV1Event[] {
  return events
    .filter(
      ({ involvedObject: about }) =>
        about.name === pod.metadata?.name &&
        (container === undefined || about.fieldPath?.endsWith(`{${container}}`)),
    )
    .sort((a, b) => (lastTime(a)?.getTime() ?? 0) - (lastTime(b)?.getTime() ?? 0));
}

/** Whether a pod has ended for good, as one that was evicted; another one takes its place. */
export function isDead({ status }: V1Pod): boolean {
  return status?.phase === "Failed";
}

/** The pod that a rollout waits for: one that is on its way, before one that has ended for good. */
export function awaited(pods: readonly V1Pod[]): V1Pod | undefined {
  const waiting = pods.filter((pod) => !isReady(pod));
  return waiting.find((pod) => !isDead(pod)) ?? waiting[0];
}

/** Whether a pod answers requests, or a node runs pods. */
export function isReady({
  status,
}: {
  status?: { conditions?: { type: string; status: string }[] };
}): boolean {
  return !!status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
}
