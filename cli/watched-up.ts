import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Rollout } from "../components/workload/rollout";
import type { Cluster } from "../rollouts/cluster";
import { handOverVariable, taken, type HandOver } from "../rollouts/hand-over";
import { watch, type Listener, type Target, type Watch } from "../rollouts/watch";
import { revisionOf } from "../rollouts/workload";
import type { Run } from "./engine";
import { EngineLog, type Failures, type StepInFlight } from "./engine-events";
import { nameOf } from "./rolled-out";
import type { Screen } from "./screen";

/** What an update is made with. */
export interface Means {
  run: Run;
  /** The cluster that a kubeconfig leads to. */
  clusterOf: (kubeconfig: string) => Promise<Cluster>;
  screen: Screen;
  /** Milliseconds between two looks at the engine; the cluster is looked at every fourth time. @default 500 */
  interval?: number;
  /** Milliseconds for which nothing else must have been in flight. @default 5000 */
  patience?: number;
}

/** What came of a watched update. */
export interface WatchedUpdate {
  code: number;
  /** What the engine says has failed. */
  failures: Failures;
  /** Services whose rollout failed, as `namespace/name`. */
  failed: string[];
  /** What the program knows of its rollouts; undefined where it did not come that far. */
  handOver?: HandOver;
}

/**
 * Runs `pulumi up` and watches the rollouts that it waits for. When nothing but rollouts that have failed is left to wait for, the
 * engine is asked to end: the providers stop waiting, and the state keeps what is to be updated again.
 */
export async function watchedUp(
  args: string[],
  { run, clusterOf, screen, interval = 500, patience = 5000 }: Means,
): Promise<WatchedUpdate> {
  const folder = mkdtempSync(join(tmpdir(), "gpu-serving-apply-"));
  const file = join(folder, "events.json");
  const log = new EngineLog(file);
  /** Rollouts that have a problem now which was told; one that recovers is none of them. */
  const failing = new Set<string>();
  const interrupt = new AbortController();
  let handOver: HandOver | undefined;
  let watching: Promise<Watch | void> | undefined;
  let idle = 0;
  let isEnded = false;

  const read = () => {
    log.read();
    handOver ??= taken(folder);
  };
  const look = () => {
    read();
    if (handOver) watching ??= begin(handOver);
    const isStuck = log.inFlight.length > 0 && log.inFlight.every(isLost);
    idle = isStuck ? idle + 1 : 0;
    // What a step that ends sets free begins a moment later.
    if (idle * interval < patience || interrupt.signal.aborted) return;
    screen.say("Only failed rollouts are left, so the update stops here.");
    isEnded = true;
    interrupt.abort();
  };
  const timer = setInterval(look, interval);
  const clear = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", clear);
  // Whoever ends this process means the update; Ctrl-C on a terminal reaches the engine by itself, and a second one ends it at once.
  const onSignal = (signal: NodeJS.Signals) => {
    isEnded = true;
    if (signal === "SIGTERM" || !process.stdin.isTTY) interrupt.abort();
  };
  process.on("SIGTERM", onSignal).on("SIGINT", onSignal);
  try {
    const result = await run([...args, "--event-log", file], {
      // Without the second the engine does not know --event-log.
      env: { [handOverVariable]: folder, PULUMI_DEBUG_COMMANDS: "true" },
      onLine: (line) => screen.say(line),
      interrupt: interrupt.signal,
    });
    read();
    if (isEnded) await readBack(args, log.failures, { run, screen });
    return { code: result.code, failures: log.failures, failed: [...failing], handOver };
  } finally {
    clearInterval(timer);
    void watching?.then((one) => one?.stop());
    process.off("SIGTERM", onSignal).off("SIGINT", onSignal).off("exit", clear);
    clear();
  }

  function begin({ kubeconfig, workloads }: HandOver): Promise<Watch | void> {
    const targets = () =>
      log.inFlight.flatMap((step): Target[] => {
        const workload = workloads.find(
          ({ kind, name }) => kind === kindOf(step) && name === step.name,
        );
        const { since } = step;
        return workload ? [{ ...workload, older: true, replaced: replacedBy(step), since }] : [];
      });
    const blind = (why: string) => screen.say(`The rollouts cannot be watched: ${why}.`);
    const listener: Listener = {
      blind,
      state: (target, state) => screen.state(nameOf(target), state),
      problem: (target, problem) => {
        failing.add(nameOf(target));
        screen.problem(nameOf(target), problem);
      },
      failing: (target, now) =>
        now ? failing.add(nameOf(target)) : failing.delete(nameOf(target)),
    };
    const since = new Date();
    return clusterOf(kubeconfig).then(
      (cluster) => watch(cluster, targets, listener, { since, interval: 4 * interval }),
      (error: unknown) => blind(String(error)),
    );
  }

  /** Whether a step waits for nothing but a workload that has failed: its own, or for a Service the one whose pods it waits for. */
  function isLost(step: StepInFlight): boolean {
    const ofService = isService(step);
    const kind = kindOf(step);
    const name = ofService ? step.name.slice(0, -"-service".length) : step.name;
    const workload = handOver?.workloads.find(
      (one) => (ofService ? one.kind !== "Job" : one.kind === kind) && one.name === name,
    );
    return !!workload && failing.has(nameOf(workload));
  }
}

/**
 * Reads what an update has left of objects that it was waiting for when it was ended. Provider 4.x changes them and forgets that it
 * did: the state has what was before, and going back to it would change nothing.
 */
async function readBack(
  [, ...args]: string[],
  { resources }: Failures,
  { run, screen }: Pick<Means, "run" | "screen">,
): Promise<void> {
  const forgotten = resources.filter(({ op, made }) => op === "update" && !made);
  if (forgotten.length === 0) return;
  const targets = forgotten.flatMap(({ urn }) => ["--target", urn]);
  const { code } = await run(["refresh", ...args, ...targets], {
    onLine: (line) => screen.say(line),
  });
  if (code === 0) return;
  screen.say(
    "What the update has left in the cluster cannot be read. Run pulumi refresh before the next one.",
  );
}

/** Kind of the workload that a step brings up; undefined where it brings up none. */
function kindOf({ op, type, urn }: StepInFlight): Rollout["kind"] | undefined {
  if (op.startsWith("delete")) return undefined;
  if (type.endsWith(":LeaderWorkerSet") && urn.includes(":MultiNodeService$")) {
    return "LeaderWorkerSet";
  }
  if (type === "kubernetes:apps/v1:Deployment" && urn.includes(":InferenceService$"))
    return "Deployment";
  return type === "kubernetes:batch/v1:Job" && urn.includes(":BatchJob$") ? "Job" : undefined;
}

/**
 * Number of the version that a step replaces, as far as the state knows it: the cluster shows another one as soon as the step has
 * reached it. A step that leaves the pods' template as it is replaces none.
 */
function replacedBy({ op, diffs, detailedDiff, old }: StepInFlight): string | undefined {
  const detailed = Object.keys(detailedDiff ?? {});
  const changes = detailed.length > 0 ? detailed : (diffs ?? []);
  const newTemplate = changes.some((path) => /^spec($|\.template\b)/.test(path));
  const before = old?.outputs;
  return op === "update" && newTemplate && before ? revisionOf(before.metadata) : undefined;
}

function isService({ op, type, name }: StepInFlight): boolean {
  return (
    type === "kubernetes:core/v1:Service" && name.endsWith("-service") && !op.startsWith("delete")
  );
}
