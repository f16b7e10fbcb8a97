import { containerFinding } from "./container-verdict";
import { awaited, isDead, isReady } from "./observed";
import type { Finding } from "./problem";
import { podState } from "./state";
import type { Observed } from "./workload";
import {
  counts,
  endedPods,
  givenUp,
  refusal,
  refused,
  unplaced,
  type Moment,
  type Patience,
} from "./workload-verdict";

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
  return {
    state: stateOf(observed),
    done: false,
    finding: findingOf({ observed, now, ...patience, older: olderCount(observed, patience) }),
  };
}

/** Whether older pods are of a version that is to stay. */
function olderCount({ revision }: Observed, { older, replaced }: Patience): boolean {
  return older && (replaced === undefined || revision !== replaced);
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
  const others = leaving > 0 ? "old replicas are ending" : undefined;
  const detail =
    waiting && !isDead(waiting) ? podState(waiting, events) : refusal(observed)?.message;
  // A dead pod tells something as long as no other one has taken its place.
  const missing = pods.filter((pod) => !isDead(pod)).length < wanted;
  const dead = waiting && missing ? podState(waiting, events) : undefined;
  return [readyOf(observed, pods.filter(isReady).length), detail ?? dead ?? others]
    .filter(Boolean)
    .join(", ");
}

function findingOf(moment: Moment): Finding | undefined {
  const { observed, since, earlier } = moment;
  const counted = observed.pods.filter(({ metadata }) =>
    counts(metadata.creationTimestamp, moment),
  );
  const evidence = { events: observed.events, since, earlier };
  return (
    refused(moment) ??
    counted.map((pod) => containerFinding(pod, evidence)).find(Boolean) ??
    endedPods(
      observed.pods.filter(({ metadata }) =>
        counts(metadata.creationTimestamp, { ...moment, older: false }),
      ),
    ) ??
    counted.map((pod) => unplaced(pod, moment)).find(Boolean) ??
    givenUp(moment)
  );
}
