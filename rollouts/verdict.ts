import { containerFinding } from "./container-verdict";
import { isReady } from "./observed";
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
  const { wanted } = observed;
  if (observed.complete) return { state: `${wanted} of ${wanted} ready`, done: true };
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

function stateOf(observed: Observed): string {
  const { pods, wanted, events, leaving } = observed;
  const waiting = pods.find((pod) => !isReady(pod));
  const detail = waiting ? podState(waiting, events) : refusal(observed)?.message;
  const others = leaving > 0 ? "old replicas are ending" : undefined;
  return [`${pods.filter(isReady).length} of ${wanted} ready`, detail ?? others]
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
