import {
  eventsOf,
  isReady,
  lastTime,
  timesSeen,
  type ContainerStatus,
  type ObservedEvent,
  type ObservedPod,
} from "./observed";
import { probeAnswer } from "./probe-answer";
import type { Finding } from "./problem";

/** What is looked at: the events, and from when on they count. */
export interface Evidence {
  events: readonly ObservedEvent[];
  /** What happened before belongs to an earlier attempt. */
  since: Date;
  /** How many crashes of a container belong to an earlier attempt, by {@link crashKey}. @default none */
  earlier?: ReadonlyMap<string, number>;
}

/** No attempt mends these (docs/facts.md 8.10). */
const imageNever = ["InvalidImageName", "ErrImageNeverPull"];
const imageMaybe = ["ErrImagePull", "ImagePullBackOff", "RegistryUnavailable", "ImageInspectError"];
const cannotStart = [
  "CreateContainerConfigError",
  "CreateContainerError",
  "PreCreateHookError",
  "PreStartHookError",
  "PostStartHookError",
  "RunContainerError",
];

/** Containers of a pod that have begun or wait, those that start first before the others. */
export function statusesOf({ status }: ObservedPod): ContainerStatus[] {
  return [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
}

/** What is wrong with the containers of a pod that is not ready; of several the first. */
export function containerFinding(pod: ObservedPod, evidence: Evidence): Finding | undefined {
  if (isReady(pod)) return undefined;
  for (const status of statusesOf(pod).filter((one) => !isOver(pod, one))) {
    const found =
      imageFinding(pod, status, evidence) ??
      startFinding(pod, status, evidence) ??
      startupFinding(pod, status, evidence) ??
      crashFinding(pod, status, evidence);
    if (found) return { pod: pod.metadata.name, container: status.name, ...found };
  }
  return undefined;
}

/** Whether it is an init container that has done its work, however often it failed before. */
function isOver({ status }: ObservedPod, { name, state }: ContainerStatus): boolean {
  const inits = status.initContainerStatuses ?? [];
  return state?.terminated?.exitCode === 0 && inits.some((one) => one.name === name);
}

function imageFinding(
  pod: ObservedPod,
  { name, state }: ContainerStatus,
  { events, since }: Evidence,
): Finding | undefined {
  const reason = state?.waiting?.reason ?? "";
  const never = imageNever.includes(reason);
  if (!never && !imageMaybe.includes(reason)) return undefined;
  const failed = eventsOf(events, pod, name).filter(
    (event) =>
      event.reason === "Failed" &&
      /^Failed to (pull|inspect) image/.test(event.message ?? "") &&
      isFrom(lastTime(event), since),
  );
  // Registries hiccup: the first attempt may fail.
  const attempts = failed.reduce((sum, event) => sum + timesSeen(event), 0);
  if (!never && attempts < 2) return undefined;
  const said = failed.at(-1)?.message ?? state?.waiting?.message ?? reason;
  const image = imageOf(pod, name);
  return {
    problem: `the image ${image} ${never ? "cannot be used" : "cannot be pulled"} (${reason})`,
    said: [said],
    fix: /unauthorized|forbidden|denied|authenticat|401|403/i.test(said)
      ? "let the nodes pull it (`pullSecrets`, or the registry's permissions), or correct `image`"
      : "correct `image`, or push it to its registry",
  };
}

function startFinding(
  pod: ObservedPod,
  status: ContainerStatus,
  { events, since, earlier }: Evidence,
): Finding | undefined {
  const { reason, message } = status.state?.waiting ?? {};
  if (!reason || !cannotStart.includes(reason)) return undefined;
  // A pod from before may wait for its next attempt, which finds what this update has made.
  const again = eventsOf(events, pod, status.name).some(
    (event) => /^Failed/.test(event.reason ?? "") && isFrom(lastTime(event), since),
  );
  if (earlier?.has(crashKey(pod, status)) && !again) return undefined;
  return {
    problem: `the container cannot start (${reason})`,
    said: message ? [message] : [],
    fix: "correct what it names: `command`, `env`, a mount, or the user of the image",
    // The kubelet's caches may lag behind a Secret that was made a moment ago.
    settle: 10,
  };
}

function startupFinding(
  pod: ObservedPod,
  { name, restartCount, state }: ContainerStatus,
  { events, since }: Evidence,
): Finding | undefined {
  const own = eventsOf(events, pod, name);
  const killed = own.find(
    (event) =>
      event.reason === "Killing" &&
      /failed startup probe, will be restarted/.test(event.message ?? "") &&
      isFrom(lastTime(event), since),
  );
  if (!killed) return undefined;
  const probe = containersOf(pod).find((one) => one.name === name)?.startupProbe;
  const budget = (probe?.failureThreshold ?? 3) * (probe?.periodSeconds ?? 10);
  const answer = probeAnswer(events, pod, name);
  return {
    problem: `it did not answer within \`startup\` (${budget} s) and was ended${answer ? `: ${answer}` : ""}`,
    said: own
      .filter(({ reason }) => reason === "Unhealthy")
      .flatMap(({ message }) => message ?? []),
    fix: /HTTP 4\d\d/.test(answer ?? "")
      ? "correct `health`: it must be a path that the server answers with 200"
      : "correct `health` and `port`, mend what the log says, or raise `startup` where the model needs longer",
    log: log(pod, name, restartCount > 0 && !!state?.running),
  };
}

/** Crashes of a container after which it counts as failed. */
const tooMany = 3;

function crashFinding(
  pod: ObservedPod,
  status: ContainerStatus,
  { events, earlier }: Evidence,
): Finding | undefined {
  const { name, state, lastState } = status;
  const ended = state?.terminated ?? lastState?.terminated;
  const crashes = crashesOf(status);
  const counted = crashes - (earlier?.get(crashKey(pod, status)) ?? 0);
  if (!ended || !isDown(status) || counted < tooMany) return undefined;
  const unhealthy = eventsOf(events, pod, name)
    .filter(({ reason, message }) => reason === "Killing" && /liveness/.test(message ?? ""))
    .flatMap(({ message }) => message ?? []);
  const outOfMemory = ended.reason === "OOMKilled";
  return {
    problem: `crashed ${crashes} times, last with ${endingOf(ended)}`,
    said: [...unhealthy.slice(-1), ...(ended.message ? [ended.message] : [])],
    fix: outOfMemory
      ? "raise `memory`, or make the server take less"
      : "mend what the log says: the image, `command`, `args` or `env`",
    log: log(pod, name, false),
  };
}

/** Whether a container has crashed and not been started again. */
function isDown({ state }: ContainerStatus): boolean {
  return !!state?.terminated || state?.waiting?.reason === "CrashLoopBackOff";
}

/** How often a container has ended. */
function crashesOf(status: ContainerStatus): number {
  return status.restartCount + (isDown(status) ? 1 : 0);
}

/** What a container's crashes are remembered by. */
export function crashKey({ metadata }: ObservedPod, { name }: ContainerStatus): string {
  return `${metadata.uid} ${name}`;
}

/**
 * How many of a pod's crashes by now belong to an earlier attempt, by {@link crashKey}: all of a container that runs well. One that
 * crashes again and again counts as soon as it crashes once more.
 */
export function earlierCrashes(pod: ObservedPod): [string, number][] {
  return statusesOf(pod).map((status) => {
    const crashes = crashesOf(status);
    const before = status.ready ? crashes : Math.max(0, crashes + 1 - tooMany);
    return [crashKey(pod, status), before];
  });
}

/** How a run ended, in words. */
export function endingOf(ended: {
  exitCode: number;
  signal?: number | null;
  reason?: string | null;
}): string {
  if (ended.reason === "OOMKilled")
    return `exit code ${ended.exitCode}: it took more memory than it may (OOMKilled)`;
  const signal = ended.signal ?? (ended.exitCode > 128 ? ended.exitCode - 128 : undefined);
  const words = signal
    ? `exit code ${ended.exitCode}, signal ${signal}`
    : `exit code ${ended.exitCode}`;
  const known = [undefined, null, "", "Error", "Completed"];
  return known.includes(ended.reason) ? words : `${words} (${ended.reason})`;
}

function containersOf({ spec }: ObservedPod) {
  return [...spec.containers, ...(spec.initContainers ?? [])];
}

/** Image of a container, as its pod asks for it. */
export function imageOf(pod: ObservedPod, container: string): string {
  return containersOf(pod).find(({ name }) => name === container)?.image ?? "";
}

function log({ metadata }: ObservedPod, container: string, previous: boolean) {
  return { pod: metadata.name, container, previous };
}

function isFrom(at: Date | null | undefined, since: Date): boolean {
  // Kubernetes writes whole seconds.
  return !!at && at.getTime() >= since.getTime() - 1000;
}
