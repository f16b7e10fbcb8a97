import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { V1ContainerState, V1Pod } from "@kubernetes/client-node";
import { restartCode } from "../../components/jobs/worker-variables";
import { Fault } from "../../process/fault";
import { openLog, type LogSource } from "../../rollouts/ask";
import type { Mask } from "../../rollouts/mask";
import { answered } from "../answered";
import type { Access } from "./access";
import { runOf, type Run } from "./entry";

/** Where what is followed goes to. */
export interface Listener {
  /** Tells what happens. */
  say: (text: string) => void;
  /** Where the logs are written. */
  logs: Writable;
  /** Blanks secrets in both. */
  mask: Mask;
}

/** Milliseconds between two looks at a run, and for which an API server may be out of reach, as when it is upgraded. */
const times = { interval: 1000, patience: 180_000 };

/**
 * Tells what becomes of a run and shows its logs, until it has ended.
 * @returns the exit code of the program, 1 where it did not end by itself, and why the run failed, in Kubernetes' words
 */
export async function follow(to: Access, started: Run, listener: Listener) {
  const { name, namespace, completions } = started;
  const { say, mask } = listener;
  const told = new Map<string, string>();
  const logs = new Map<string, Log>();
  const look = async () => {
    const labelSelector = `batch.kubernetes.io/job-name=${name}`;
    const found = await to.ask(({ core }) => core.listNamespacedPod({ namespace, labelSelector }));
    const pods = found?.items ?? [];
    for (const pod of pods) {
      const podName = pod.metadata?.name ?? "";
      const now = situation(pod);
      if (told.get(podName) !== now) say(mask(`${podName}: ${now}`));
      told.set(podName, now);
      const { container, state } = mainOf(pod);
      const before = logs.get(podName);
      const isNew = !before && (state?.running ?? state?.terminated) !== undefined;
      // The connection of a log that goes on may break.
      const goesOn = state?.running !== undefined && before?.over === true;
      if (!isNew && !goesOn) continue;
      const source = { namespace, pod: podName, container, since: before?.last };
      const prefix = completions > 1 ? `[pod/${podName}/${container}] ` : "";
      logs.set(podName, new Log(to, source, listener, prefix));
    }
    return pods;
  };
  const question = async () => {
    const job = await to.ask(({ batch }) => batch.readNamespacedJob({ namespace, name }));
    if (!job) throw new Fault(`${name} is gone: it was deleted while it was followed.`);
    return runOf(job).ending;
  };
  const patiently = <T>(question: () => Promise<T>) =>
    answered(question, times, () =>
      say("the cluster does not answer; it is asked again for three minutes"),
    );
  try {
    for (;;) {
      const last = await patiently(look);
      const ending = await patiently(question);
      if (ending) {
        const pods = await look().catch(() => last);
        // Pods that a job ends itself are gone before their logs are.
        const all = [...logs.values()].map(({ end }) => end);
        await Promise.race([Promise.all(all), sleep(10_000, undefined, { ref: false })]);
        return ending.succeeded
          ? { succeeded: true, exitCode: 0 }
          : { succeeded: false, exitCode: exitCodeOf(pods), reason: mask(ending.reason) };
      }
      await sleep(times.interval);
    }
  } finally {
    for (const log of logs.values()) log.stop();
  }
}

/** A log that is shown line by line, without secrets. */
class Log {
  /** Resolved when there is no more of it. */
  readonly end: Promise<void>;
  /** Whether there is no more of it: its container has ended, or the connection broke. */
  over = false;
  /** When the last of it came. @default none has come */
  last: Date | undefined;
  private body: Readable | undefined;
  private stopped = false;

  constructor(
    private readonly access: Access,
    private readonly source: LogSource,
    private readonly listener: Pick<Listener, "logs" | "mask">,
    private readonly prefix: string,
  ) {
    this.last = source.since;
    // What cannot be shown now is tried again as long as its container runs.
    this.end = this.show()
      .catch(() => undefined)
      .then(() => {
        this.over = true;
      });
  }

  /** Shows no more of it. */
  stop(): void {
    this.stopped = true;
    this.body?.destroy();
  }

  private async show(): Promise<void> {
    this.body = await this.access.ask((api) => openLog(api, this.source));
    if (this.stopped) this.body?.destroy();
    if (!this.body) return;
    let rest = "";
    this.body.setEncoding("utf8");
    for await (const part of this.body) {
      this.last = new Date();
      const text = `${rest}${part}`;
      const end = text.lastIndexOf("\n") + 1;
      rest = text.slice(end);
      await this.write(text.slice(0, end));
    }
    await this.write(rest);
  }

  private async write(lines: string): Promise<void> {
    const { logs, mask } = this.listener;
    const text = mask(lines).replace(/[^\n]*\n|[^\n]+$/g, (line) => `${this.prefix}${line}`);
    if (text !== "" && !logs.write(text)) await once(logs, "drain");
  }
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

/** Exit code of the program that failed last. */
function exitCodeOf(pods: readonly V1Pod[]): number {
  const created = ({ metadata }: V1Pod) => metadata?.creationTimestamp?.getTime() ?? 0;
  const codes = [...pods]
    .sort((a, b) => created(a) - created(b))
    .map((pod) => mainOf(pod).state?.terminated?.exitCode ?? 0);
  // Of several workers only the one that failed has a code of its own.
  return codes.filter((code) => code !== 0 && code !== restartCode).at(-1) ?? 1;
}
