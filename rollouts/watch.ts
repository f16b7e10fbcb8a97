import { NoAnswer } from "./ask";
import type { Cluster, Workload } from "./cluster";
import { earlierCrashes } from "./container-verdict";
import { groupCrash, type GroupCrash } from "./group-verdict";
import type { Finding, Problem } from "./problem";
import { isNew, verdict, type Patience } from "./verdict";

/** A workload that is watched, and how patiently. */
export interface Target extends Workload, Pick<Patience, "placement" | "older" | "replaced"> {
  /** What happened before does not count. @default that of the watch */
  since?: Date;
}

/** Who hears of it. */
export interface Listener {
  /** A workload does something else than before. */
  state(target: Target, state: string): void;
  /** The newest version of a workload is in place. */
  done?(target: Target): void;
  /** A workload will not come right by itself; each problem once. */
  problem(target: Target, problem: Problem): void;
  /** A workload does not exist, or no longer. */
  gone?(target: Target): void;
  /** Whether a problem that was told is there at this look. */
  failing?(target: Target, now: boolean): void;
  /** Nothing can be seen, and why. */
  blind?(why: string): void;
}

/** When and how often it is looked. */
export interface Timing {
  /** Milliseconds between two looks. @default 2000 */
  interval?: number;
  /** The time now, by the cluster's clock. @default this machine's */
  now?: () => Date;
  /** What happened before does not count. @default now */
  since?: Date;
}

/** A watch that goes on until it is stopped. It keeps no process alive. */
export interface Watch {
  stop(): void;
}

interface Seen {
  state?: string;
  done?: boolean;
  /** When what is wrong now was seen first. */
  from?: { key: string; at: number };
  reported: Set<string>;
  /** Crashes of older pods when they were seen first. */
  earlier: Map<string, number>;
  /** Crashes of new pods whose groups begin again, by the pod's uid. */
  crashes: Map<string, GroupCrash>;
}

/** Looks at workloads again and again; an API server that is away for a while is asked on. */
export function watch(
  cluster: Cluster,
  targets: () => readonly Target[],
  listener: Listener,
  timing: Timing = {},
): Watch {
  const { interval = 2000, now = () => new Date() } = timing;
  const since = timing.since ?? now();
  const known = new Map<string, Seen>();
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  const round = async () => {
    const answers = await Promise.allSettled(targets().map(look));
    if (stopped) return;
    const refused = answers
      .map((one): unknown => (one.status === "rejected" ? one.reason : undefined))
      .find((reason) => reason instanceof NoAnswer && reason.refused);
    if (refused instanceof NoAnswer) {
      stopped = true;
      return listener.blind?.(refused.message);
    }
    timer = setTimeout(() => void round(), interval).unref();
  };
  timer = setTimeout(() => void round(), 0).unref();
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };

  async function look(target: Target): Promise<void> {
    const observed = await cluster.observe(target);
    if (stopped) return;
    if (!observed) return listener.gone?.(target);
    const seen = seenOf(target);
    const patience = { ...target, since: target.since ?? since, earlier: seen.earlier };
    for (const pod of observed.pods) {
      // A new pod has crashed in this attempt, however late it is seen.
      if (isNew(pod.metadata?.creationTimestamp, patience.since)) continue;
      for (const [key, crashes] of earlierCrashes(pod)) {
        if (!seen.earlier.has(key)) seen.earlier.set(key, crashes);
      }
    }
    for (const pod of observed.crashed ?? []) {
      const { uid = "", creationTimestamp } = pod.metadata ?? {};
      if (seen.crashes.has(uid) || !isNew(creationTimestamp, patience.since)) continue;
      const crash = await groupCrash(pod, (log) => cluster.lastLines(target.namespace, log));
      if (crash) seen.crashes.set(uid, crash);
    }
    if (stopped) return;
    const moment = { ...patience, crashes: [...seen.crashes.values()] };
    const { state, done, finding } = verdict(observed, moment, now());
    if (state !== seen.state) listener.state(target, state);
    if (done && !seen.done) listener.done?.(target);
    Object.assign(seen, { state, done });
    if (!finding) seen.from = undefined;
    else await tell(target, seen, finding);
    if (!stopped) listener.failing?.(target, !!finding && seen.reported.has(keyOf(finding)));
  }

  async function tell(target: Target, seen: Seen, finding: Finding): Promise<void> {
    const { log, settle = 0, lines: before, ...found } = finding;
    const key = keyOf(finding);
    if (seen.from?.key !== key) seen.from = { key, at: now().getTime() };
    if (seen.reported.has(key) || now().getTime() - seen.from.at < settle * 1000) return;
    const lines =
      before ?? (log ? await cluster.lastLines(target.namespace, log).catch(() => []) : []);
    if (stopped || seen.reported.has(key)) return;
    seen.reported.add(key);
    listener.problem(target, { ...found, lines });
  }

  function seenOf({ kind, namespace, name }: Target): Seen {
    const key = `${kind} ${namespace}/${name}`;
    const seen = known.get(key) ?? { reported: new Set(), earlier: new Map(), crashes: new Map() };
    known.set(key, seen);
    return seen;
  }
}

/** The same problem of another replica, or of its next attempt, is told once. */
function keyOf({ problem, container }: Finding): string {
  return `${container} ${problem.replace(/\d+/g, "#")}`;
}
