import type { V1Pod, V1ReplicaSetCondition } from "@kubernetes/client-node";
import { containerFinding, type Evidence } from "./container-verdict";
import { groupFinding, type GroupCrash } from "./group-verdict";
import type { Finding } from "./problem";
import { podState } from "./state";
import { awaited, isDead, isReady, type Observed } from "./workload";

/** How long what may still come right is waited for. */
export interface Patience extends Omit<Evidence, "events"> {
  /** Seconds a replica may wait for a node, or for its part of a quota, while others make room. */
  placement: number;
  /** Whether pods from before this attempt count too, as far as they fail again. */
  older: boolean;
  /** Number of the version that is about to be replaced: as long as it is the newest, older pods do not count. @default none is */
  replaced?: string;
  /** Crashes of this attempt after which a group of pods began again. @default none */
  crashes?: readonly GroupCrash[];
}

/** A workload at a moment. */
interface Moment extends Patience {
  observed: Observed;
  now: Date;
}

/** What becomes of a workload. */
export interface Verdict {
  /** In words, such as `1 of 3 ready, pulling the image`. */
  state: string;
  /** Whether the newest version has replaced all others and is available. */
  done: boolean;
  /** Why it will not come right by itself. */
  finding?: Finding;
}

/** What becomes of a workload, from what is seen of it. */
export function verdict(observed: Observed, patience: Patience, now: Date): Verdict {
  if (observed.complete) {
    return { state: observed.completeAs ?? readyOf(observed, observed.wanted), done: true };
  }
  if (!observed.seen) return { state: "waiting for the cluster to begin", done: false };
  const { older, replaced } = patience;
  // Older pods of a version that is to stay.
  const olderCount = older && (replaced === undefined || observed.revision !== replaced);
  const moment = { observed, now, ...patience, older: olderCount };
  return { state: stateOf(observed), done: false, finding: findingOf(moment) };
}

/** How many are ready, and which nodes are left out. */
function readyOf({ wanted, away = [] }: Observed, ready: number): string {
  if (away.length === 0) return `${ready} of ${wanted} ready`;
  const there = Math.min(ready, wanted - away.length);
  const nodes =
    away.length === 1 ? `node ${away[0]}, which is` : `nodes ${away.join(", ")}, which are`;
  return `${there} of ${wanted} ready, not counting ${nodes} not ready`;
}

function stateOf(observed: Observed): string {
  const { pods, wanted, events, leaving } = observed;
  const waiting = awaited(pods);
  const detail =
    waiting && !isDead(waiting) ? podState(waiting, events) : refusalOf(observed)?.message;
  // A dead pod tells something as long as no other one has taken its place.
  const missing = pods.filter((pod) => !isDead(pod)).length < wanted;
  const dead = waiting && missing ? podState(waiting, events) : undefined;
  const others = leaving > 0 ? "old replicas are ending" : undefined;
  return [readyOf(observed, pods.filter(isReady).length), detail ?? dead ?? others]
    .filter(Boolean)
    .join(", ");
}

function findingOf(moment: Moment): Finding | undefined {
  const { observed, since } = moment;
  const { pods, events } = observed;
  const counted = pods.filter(({ metadata }) => counts(metadata?.creationTimestamp, moment));
  return (
    refused(moment) ??
    groupFinding(moment.crashes ?? []) ??
    counted.map((pod) => containerFinding(pod, { ...moment, events })).find(Boolean) ??
    endedPods(pods.filter(({ metadata }) => isNew(metadata?.creationTimestamp, since))) ??
    counted.map((pod) => unplaced(pod, moment)).find(Boolean) ??
    givenUp(moment)
  );
}

/** Scheduling, and the events of it, on a busy cluster; autoscalers answer within it whether they bring a node. */
const margin = 30;
/** Until a pod that has ended is off the quota's books. */
const quotaMargin = 10;

/** Whether something began with this attempt, or counts although it did not. */
function counts(from: Date | undefined, { since, older }: Moment): boolean {
  return older || isNew(from, since);
}

/** Whether something began with this attempt. */
export function isNew(from: Date | undefined, since: Date): boolean {
  // Kubernetes writes whole seconds.
  return !!from && from.getTime() >= since.getTime() - 2000;
}

/** Whether something has waited for its time, while nothing was about to make room. */
function hasWaited(
  from: Date | undefined,
  seconds: number,
  { observed, since, now }: Moment,
): boolean {
  const start = Math.max(from?.getTime() ?? 0, since.getTime());
  return observed.leaving === 0 && now.getTime() - start > seconds * 1000;
}

/** What the API server said when it took no pod. */
function refusalOf({ conditions }: Observed): V1ReplicaSetCondition | undefined {
  return conditions.find(({ type, status }) => type === "ReplicaFailure" && status === "True");
}

/** The API server takes no pod. */
function refused(moment: Moment): Finding | undefined {
  const found = refusalOf(moment.observed);
  if (!found || !counts(found.lastTransitionTime, moment)) return undefined;
  const { message = "", lastTransitionTime: from } = found;
  const quota = /exceeded quota/.test(message);
  const wait = quota ? moment.placement + quotaMargin : margin;
  // No pod that ends makes these allowed; one from before may be about to be withdrawn.
  const atOnce = /violates PodSecurity|is invalid:/.test(message) && isNew(from, moment.since);
  if (!atOnce && !hasWaited(from, wait, moment)) return undefined;
  if (quota) {
    return {
      problem: "the namespace's quota has no room for a replica",
      said: [message],
      fix: "raise the namespace's `quota`, or ask for less: `replicas`, `gpus`, `cpu`, `memory`",
      settle: 4,
    };
  }
  const others = [
    ...(/PodSecurity/.test(message) ? ["set `podSecurity` to a level that allows it"] : []),
    ...(/RuntimeClass/.test(message)
      ? ["set `runtimeClass` of the pool to one that `kubectl get runtimeclasses` lists"]
      : []),
  ];
  return {
    problem: "the cluster refuses its pods",
    said: [message],
    fix: ["correct what it names", ...others].join(", or "),
    settle: 4,
  };
}

/** Pods that ended for good, as those that were evicted; each was replaced by the next. */
function endedPods(counted: readonly V1Pod[]): Finding | undefined {
  const failed = counted.filter(isDead);
  const last = failed.at(-1);
  if (!last || failed.length < 3) return undefined;
  const { reason = "Failed", message } = last.status ?? {};
  return {
    problem: `${failed.length} pods ended for good (${reason})`,
    pod: last.metadata?.name,
    said: message ? [message] : [],
    fix: "correct what it names: the size of a volume, `memory`, or the pool",
  };
}

/** No node fits a pod, and none came. */
function unplaced({ metadata, status }: V1Pod, moment: Moment): Finding | undefined {
  const found = status?.conditions?.find(
    (one) =>
      one.type === "PodScheduled" && one.status === "False" && one.reason === "Unschedulable",
  );
  const own = moment.observed.events.filter(
    ({ involvedObject: about }) => about.name === metadata?.name,
  );
  // An autoscaler that has promised a node is believed until the controller gives up.
  const comes = own.some(({ reason }) => reason === "TriggeredScaleUp" || reason === "Nominated");
  const wait = moment.placement + margin;
  if (!found || comes || !hasWaited(metadata?.creationTimestamp, wait, moment)) return undefined;
  // Of a resource that no node has at all the scheduler says the same as of one that is taken.
  const device = /Insufficient ([-a-z0-9.]+\/[-\w.]*\w)/.exec(found.message ?? "")?.[1];
  const offered =
    device === undefined
      ? ""
      : `; whether its nodes offer \`${device}\`, and how many, stands in \`kubectl describe nodes\` under Allocatable`;
  const autoscaler = own.filter(({ reason }) => reason === "NotTriggerScaleUp").at(-1)?.message;
  return {
    problem: "no node fits",
    pod: metadata?.name,
    said: [found.message ?? "", autoscaler ?? ""].filter(Boolean),
    fix: `ask for what a node of its pool has left (\`gpus\`, \`cpu\`, \`memory\`, \`pool\`), or raise \`nodes.max\` of the pool${offered}`,
    settle: 4,
  };
}

/** The controller saw no progress for too long. */
function givenUp(moment: Moment): Finding | undefined {
  const { conditions, deadline, pods, events } = moment.observed;
  const found = conditions.find(({ type, status }) => type === "Progressing" && status === "False");
  if (found?.reason !== "ProgressDeadlineExceeded") return undefined;
  const from = found.lastTransitionTime;
  if (!counts(from, moment)) return undefined;
  // One from before may be about to be withdrawn.
  const waited = isNew(from, moment.since) || hasWaited(undefined, deadline ?? margin, moment);
  if (!waited) return undefined;
  const problem = `no replica made progress for ${deadline ?? "its"} seconds`;
  const fix = "mend what the log says, or raise `startup` where the model needs longer";
  const waiting = awaited(pods);
  if (!waiting) return { problem, said: [], fix };
  const pod = waiting.metadata?.name ?? "";
  const container = waiting.spec?.containers[0]?.name ?? "";
  const said = [podState(waiting, events)];
  return { problem, pod, container, said, fix, log: { pod, container, previous: false } };
}
