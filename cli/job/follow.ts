import type { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { V1ContainerState, V1Pod } from "@kubernetes/client-node";
import { restartCode } from "../../components/jobs/worker-variables";
import { Fault } from "../../process/fault";
import { NoAnswer } from "../../rollouts/ask";
import type { Mask } from "../../rollouts/mask";
import type { Access } from "./access";
import { runOf, type Run } from "./entry";
import { showLog, type Log } from "./log";

/** How a run ended. */
export interface Outcome {
  /** Whether it succeeded. */
  succeeded: boolean;
  /** Exit code of the program; 1 where it did not end by itself. */
  exitCode: number;
  /** Why it failed, in Kubernetes' words. */
  reason?: string;
}

/** Where what is followed goes to. */
export interface Listener {
  /** Tells what happens. */
  say: (text: string) => void;
  /** Where the logs are written. */
  logs: Writable;
  /** Blanks secrets in both. */
  mask: Mask;
}

/** Milliseconds between two looks at a run. */
const interval = 1000;

/** Milliseconds for which an API server may be out of reach, as when it is upgraded. */
const patience = 180_000;

/** Tells what becomes of a run and shows its logs, until it has ended. */
export async function follow(to: Access, started: Run, listener: Listener): Promise<Outcome> {
  const { name, namespace, completions } = started;
  const { say, mask } = listener;
  const told = new Map<string, string>();
  const logs = new Map<string, Log>();
  const look = async () => {
    const labelSelector = `batch.kubernetes.io/job-name=${name}`;
    const found = await to.ask(({ core }) => core.listNamespacedPod({ namespace, labelSelector }));
    const pods = found?.items ?? [];
    for (const pod of pods) {
      const podName = nameOf(pod);
      const now = situation(pod);
      if (told.get(podName) !== now) say(mask(`${podName}: ${now}`));
      told.set(podName, now);
      const { container, state } = mainOf(pod);
      const before = logs.get(podName);
      // The connection of a log that goes on may break.
      const goesOn = state?.running !== undefined && before?.over === true;
      if (!(hasLogs(state) && !before) && !goesOn) continue;
      const source = { namespace, pod: podName, container, since: before?.last };
      const prefix = completions > 1 ? `[pod/${podName}/${container}] ` : "";
      logs.set(podName, showLog(to, source, { to: listener.logs, mask, prefix }));
    }
    return pods;
  };
  const question = async () => {
    const job = await to.ask(({ batch }) => batch.readNamespacedJob({ namespace, name }));
    if (!job) throw new Fault(`${name} is gone: it was deleted while it was followed.`);
    return runOf(job).ending;
  };
  try {
    for (;;) {
      const last = await patiently(look, say);
      const ending = await patiently(question, say);
      if (ending) {
        const pods = await look().catch(() => last);
        // Pods that a job ends itself are gone before their logs are.
        const all = [...logs.values()].map(({ end }) => end);
        await Promise.race([Promise.all(all), sleep(10_000, undefined, { ref: false })]);
        return ending.succeeded
          ? { succeeded: true, exitCode: 0 }
          : { succeeded: false, exitCode: exitCodeOf(pods), reason: mask(ending.reason) };
      }
      await sleep(interval);
    }
  } finally {
    for (const log of logs.values()) log.stop();
  }
}

/** The answer to a question that is asked again where nobody answers. */
async function patiently<T>(question: () => Promise<T>, say: Listener["say"]): Promise<T> {
  let told = false;
  for (const last = Date.now() + patience; ; await sleep(interval)) {
    try {
      return await question();
    } catch (error) {
      const isLost = error instanceof NoAnswer && !error.refused && Date.now() <= last;
      if (!isLost) throw error;
      if (!told) say("the cluster does not answer; it is asked again for three minutes");
      told = true;
    }
  }
}

function nameOf({ metadata }: V1Pod): string {
  return metadata?.name ?? "";
}

/** The container of the job's program, and what it does. */
function mainOf({ spec, status }: V1Pod): { container: string; state?: V1ContainerState } {
  const container = spec?.containers[0]?.name ?? "";
  const main = status?.containerStatuses?.find(({ name }) => name === container);
  return { container, state: main?.state };
}

/** What a pod does, in words. */
function situation(pod: V1Pod): string {
  const { running, waiting, terminated } = mainOf(pod).state ?? {};
  const node = pod.spec?.nodeName;
  if (terminated) {
    const why = terminated.reason === "OOMKilled" ? ", which took more memory than it may" : "";
    return terminated.exitCode === 0 ? "done" : `exit code ${terminated.exitCode}${why}`;
  }
  if (running) return `runs on ${node ?? "a node"}`;
  if (waiting && !["ContainerCreating", "PodInitializing"].includes(waiting.reason ?? "")) {
    return `waits: ${[waiting.reason, waiting.message].filter(Boolean).join(": ")}`;
  }
  const unplaced = pod.status?.conditions?.find(
    ({ type, status }) => type === "PodScheduled" && status === "False",
  );
  if (unplaced) return `waits for a node: ${unplaced.message ?? "no node has capacity"}`;
  return node ? `starts on ${node}` : "waits for a node";
}

function hasLogs(state: V1ContainerState | undefined): boolean {
  return state?.running !== undefined || state?.terminated !== undefined;
}

/** Exit code of the program that failed last. */
function exitCodeOf(pods: readonly V1Pod[]): number {
  const created = ({ metadata }: V1Pod) => metadata?.creationTimestamp?.getTime() ?? 0;
  const codes = [...pods]
    .sort((a, b) => created(a) - created(b))
    .map((pod) => mainOf(pod).state?.terminated?.exitCode ?? 0);
  // Of several workers only the one that failed has a code of its own.
  return codes.filter((code) => code !== 0 && code !== restartCode).at(-1) ?? 1;
}
