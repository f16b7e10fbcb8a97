import { awaited, isDead, type Condition, type ObservedPod } from "./observed";
import type { Finding } from "./problem";
import { podState } from "./state";
import type { Observed } from "./workload";

/** How long what may still come right is waited for. */
export interface Patience {
  /** Seconds a replica may wait for a node, or for its part of a quota, while others make room. */
  placement: number;
  /** What happened before belongs to an earlier attempt, and does not count. */
  since: Date;
  /** Whether pods that were made before count too, as far as they fail again. */
  older: boolean;
  /** Number of the version that is about to be replaced: as long as it is the newest, older pods do not count. @default none is */
  replaced?: string;
  /** How many crashes of a container belong to an earlier attempt, by {@link crashKey}. @default none */
  earlier?: ReadonlyMap<string, number>;
}

/** A workload at a moment. */
export interface Moment extends Patience {
  observed: Observed;
  now: Date;
}

/** Scheduling, and the events of it, on a busy cluster; autoscalers answer within it whether they bring a node. */
const margin = 30;
/** Until a pod that has ended is off the quota's books. */
const quotaMargin = 10;

/** Whether something began with this attempt, or counts although it did not. */
export function counts(from: Date | null | undefined, { since, older }: Patience): boolean {
  // Kubernetes writes whole seconds.
  return older || (!!from && from.getTime() >= since.getTime() - 2000);
}

/** What the API server said when it took no pod. */
export function refusal({ conditions }: Observed): Condition | undefined {
  return conditions.find(({ type, status }) => type === "ReplicaFailure" && status === "True");
}

/** The API server takes no pod. */
export function refused(moment: Moment): Finding | undefined {
  const found = refusal(moment.observed);
  if (!found || !counts(found.lastTransitionTime, moment)) return undefined;
  const message = found.message ?? "";
  // No pod that ends makes these allowed.
  const never = /violates PodSecurity|is invalid:/.test(message);
  const quota = /exceeded quota/.test(message);
  const wait = quota ? moment.placement + quotaMargin : margin;
  // One from before may be about to be withdrawn.
  const atOnce = never && counts(found.lastTransitionTime, { ...moment, older: false });
  if (!atOnce && !hasWaited(found.lastTransitionTime, wait, moment)) return undefined;
  return {
    problem: quota
      ? "the namespace's quota has no room for a replica"
      : "the cluster refuses its pods",
    said: [message],
    fix: refusalFix(message, quota),
    settle: 4,
  };
}

function refusalFix(message: string, quota: boolean): string {
  if (quota) {
    return "raise the namespace's `quota`, or ask for less: `replicas`, `gpus`, `cpu`, `memory`";
  }
  return /PodSecurity/.test(message)
    ? "correct what it names, or set `podSecurity` to a level that allows it"
    : "correct what it names";
}

/** Pods that ended for good, as those that were evicted; each was replaced by the next. */
export function endedPods(counted: readonly ObservedPod[]): Finding | undefined {
  const failed = counted.filter(isDead);
  const last = failed.at(-1);
  if (!last || failed.length < 3) return undefined;
  const { reason, message } = last.status;
  return {
    problem: `${failed.length} pods ended for good (${reason ?? "Failed"})`,
    pod: last.metadata.name,
    said: message ? [message] : [],
    fix: "correct what it names: the size of a volume, `memory`, or the pool",
  };
}

/** No node fits a pod, and none came. */
export function unplaced(pod: ObservedPod, moment: Moment): Finding | undefined {
  const { metadata, status } = pod;
  const found = status.conditions?.find(
    (one) =>
      one.type === "PodScheduled" && one.status === "False" && one.reason === "Unschedulable",
  );
  const own = moment.observed.events.filter(
    ({ involvedObject: about }) => about?.name === metadata.name,
  );
  // An autoscaler that has promised a node is believed until the controller gives up.
  const comes = own.some(({ reason }) => reason === "TriggeredScaleUp" || reason === "Nominated");
  const wait = moment.placement + margin;
  if (!found || comes || !hasWaited(metadata.creationTimestamp, wait, moment)) return undefined;
  const autoscaler = own.filter(({ reason }) => reason === "NotTriggerScaleUp").at(-1)?.message;
  return {
    problem: "no node fits",
    pod: metadata.name,
    said: [found.message ?? "", autoscaler ?? ""].filter(Boolean),
    fix: "ask for what a node of its pool has left (`gpus`, `cpu`, `memory`, `pool`), or raise `nodes.max` of the pool",
    settle: 4,
  };
}

/** The controller saw no progress for too long. */
export function givenUp(moment: Moment): Finding | undefined {
  const { conditions, deadline, pods, events } = moment.observed;
  const found = conditions.find(({ type, status }) => type === "Progressing" && status === "False");
  if (found?.reason !== "ProgressDeadlineExceeded") return undefined;
  if (!counts(found.lastTransitionTime, moment)) return undefined;
  // One from before may be about to be withdrawn.
  const fresh = counts(found.lastTransitionTime, { ...moment, older: false });
  if (!fresh && !hasWaited(undefined, deadline ?? margin, moment)) return undefined;
  const problem = `no replica made progress for ${deadline ?? "its"} seconds`;
  const fix = "mend what the log says, or raise `startup` where the model needs longer";
  const waiting = awaited(pods);
  if (!waiting) return { problem, said: [], fix };
  const pod = waiting.metadata.name;
  const container = waiting.spec.containers[0]?.name ?? "";
  const said = [podState(waiting, events)];
  return { problem, pod, container, said, fix, log: { pod, container, previous: false } };
}

/** Whether something has waited for its time, while nothing was about to make room. */
function hasWaited(
  from: Date | null | undefined,
  seconds: number,
  { observed, since, now }: Moment,
): boolean {
  const start = Math.max(from?.getTime() ?? 0, since.getTime());
  return observed.leaving === 0 && now.getTime() - start > seconds * 1000;
}
