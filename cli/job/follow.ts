import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { restartCode } from "../../components/jobs/worker-variables";
import type { Mask } from "../../rollouts/mask";
import { ask, type Access } from "./access";
import { ending, job, type Job } from "./entry";

const state = z.object({
  waiting: z.object({ reason: z.string().optional(), message: z.string().optional() }).optional(),
  running: z.object({}).optional(),
  terminated: z
    .object({
      exitCode: z.number(),
      reason: z.string().optional(),
      finishedAt: z.string().nullish(),
    })
    .optional(),
});

const pod = z.object({
  metadata: z.object({ name: z.string(), creationTimestamp: z.string() }),
  spec: z.object({
    nodeName: z.string().optional(),
    containers: z.array(z.object({ name: z.string() })).min(1),
  }),
  status: z.object({
    phase: z.string(),
    conditions: z
      .array(z.object({ type: z.string(), status: z.string(), message: z.string().optional() }))
      .default([]),
    containerStatuses: z
      .array(z.object({ name: z.string(), state: state.default({}) }))
      .default([]),
  }),
});

type Pod = z.output<typeof pod>;

const pods = z.object({ items: z.array(pod) });

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
export async function follow(to: Access, started: Job, listener: Listener): Promise<Outcome> {
  const { name, namespace } = started.metadata;
  const told = new Map<string, string>();
  const streams = new Map<string, Stream>();
  const several = (started.spec.completions ?? 1) > 1;
  const look = async () => {
    const selector = `batch.kubernetes.io/job-name=${name}`;
    const { items } = await ask(to, pods, ["get", "pods", "-n", namespace, "-l", selector]);
    for (const pod of items) {
      const now = situation(pod);
      if (told.get(pod.metadata.name) !== now) {
        listener.say(listener.mask(`${pod.metadata.name}: ${now}`));
      }
      told.set(pod.metadata.name, now);
      const before = streams.get(pod.metadata.name);
      // The connection of a log that goes on may break.
      const goesOn = mainOf(pod).state?.running !== undefined && before?.ended !== undefined;
      if ((hasLogs(pod) && !before) || goesOn) {
        const args = ["-n", namespace, pod.metadata.name, "-c", mainOf(pod).name];
        const since = before?.ended ? [`--since-time=${before.ended}`] : [];
        const shape = several ? ["--prefix"] : [];
        streams.set(pod.metadata.name, stream(to, [...args, ...since, ...shape], listener));
      }
    }
    return items;
  };
  for (;;) {
    const last = await patiently(look, listener);
    const question = () => ask(to, job, ["get", "job", name, "-n", namespace]);
    const end = ending(await patiently(question, listener));
    if (end) {
      const pods = await look().catch(() => last);
      // Pods that a job ends itself are gone before their logs are.
      const all = [...streams.values()].map(({ end }) => end);
      await Promise.race([Promise.all(all), sleep(10_000, undefined, { ref: false })]);
      const succeeded = end.type === "Complete";
      return {
        succeeded,
        exitCode: succeeded ? 0 : exitCodeOf(pods),
        ...(succeeded
          ? {}
          : { reason: listener.mask([end.reason, end.message].filter(Boolean).join(": ")) }),
      };
    }
    await sleep(interval);
  }
}

/** The answer to a question that is asked again where nobody answers. */
async function patiently<T>(question: () => Promise<T>, { say }: Listener): Promise<T> {
  let told = false;
  for (const last = Date.now() + patience; ; await sleep(interval)) {
    try {
      return await question();
    } catch (error) {
      // What is gone does not come back.
      const gone = error instanceof Error && /NotFound/.test(error.message);
      if (gone || Date.now() > last) throw error;
      if (!told) say("the cluster does not answer; it is asked again for three minutes");
      told = true;
    }
  }
}

function mainOf(pod: Pod) {
  const name = pod.spec.containers[0]?.name ?? "";
  return { name, state: pod.status.containerStatuses.find((one) => one.name === name)?.state };
}

/** What a pod does, in words. */
function situation(pod: Pod): string {
  const { state = {} } = mainOf(pod);
  const { running, waiting, terminated } = state;
  if (terminated) {
    const why = terminated.reason === "OOMKilled" ? ", which took more memory than it may" : "";
    return terminated.exitCode === 0 ? "done" : `exit code ${terminated.exitCode}${why}`;
  }
  if (running) return `runs on ${pod.spec.nodeName ?? "a node"}`;
  if (waiting && !["ContainerCreating", "PodInitializing"].includes(waiting.reason ?? "")) {
    return `waits: ${[waiting.reason, waiting.message].filter(Boolean).join(": ")}`;
  }
  const unplaced = pod.status.conditions.find(
    ({ type, status }) => type === "PodScheduled" && status === "False",
  );
  if (unplaced) return `waits for a node: ${unplaced.message ?? "none has room"}`;
  return pod.spec.nodeName ? `starts on ${pod.spec.nodeName}` : "waits for a node";
}

function hasLogs(pod: Pod): boolean {
  const { state } = mainOf(pod);
  return state?.running !== undefined || state?.terminated !== undefined;
}

/** A log that is shown. */
interface Stream {
  /** Resolved when there is no more of it. */
  end: Promise<void>;
  /** When that was, once it is. */
  ended?: string;
}

/** Shows a log until it ends. */
function stream(
  { kubectlArgs, env }: Access,
  which: string[],
  { logs, mask }: Pick<Listener, "logs" | "mask">,
): Stream {
  const args = [...kubectlArgs, "logs", "--follow", ...which];
  const child = spawn("kubectl", args, { env, stdio: ["ignore", "pipe", "ignore"] });
  const shown = show(child.stdout, logs, mask).catch(() => undefined);
  const closed = new Promise<boolean>((resolve) => {
    child.on("close", () => resolve(true));
    child.on("error", () => resolve(false));
  });
  const stream: Stream = {
    end: Promise.all([closed, shown]).then(([hasEnded]) => {
      if (hasEnded) stream.ended = new Date().toISOString();
    }),
  };
  return stream;
}

/** Shows a log line by line, without secrets. */
async function show(log: Readable, to: Writable, mask: Mask): Promise<void> {
  const write = async (text: string) => {
    if (text !== "" && !to.write(text)) await once(to, "drain");
  };
  let rest = "";
  for await (const part of log.setEncoding("utf8")) {
    const text = rest + String(part);
    const end = text.lastIndexOf("\n") + 1;
    rest = text.slice(end);
    await write(mask(text.slice(0, end)));
  }
  await write(mask(rest));
}

/** Exit code of the program that failed last. */
function exitCodeOf(pods: readonly Pod[]): number {
  const codes = [...pods]
    .sort((a, b) => a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp))
    .map((pod) => mainOf(pod).state?.terminated?.exitCode ?? 0);
  // Of several workers only the one that failed has a code of its own.
  return codes.filter((code) => code !== 0 && code !== restartCode).at(-1) ?? 1;
}
