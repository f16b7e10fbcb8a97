import type { CoreV1Event, V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import type { Finding, LogOf } from "./problem";
import { containerOf, endingOf, imageOf, probeAnswer, statusesOf, unfinished } from "./state";
import { eventsOf, isReady, lastTime } from "./workload";

/** What is looked at: the events, and from when on they count. */
export interface Evidence {
  events: readonly CoreV1Event[];
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

/** What is wrong with the containers of a pod that is not ready; of several the first. */
export function containerFinding(pod: V1Pod, evidence: Evidence): Finding | undefined {
  if (isReady(pod)) return undefined;
  for (const status of unfinished(pod)) {
    const found =
      imageFinding(pod, status, evidence) ??
      startFinding(pod, status, evidence) ??
      startupFinding(pod, status, evidence) ??
      crashFinding(pod, status, evidence);
    if (found) return { pod: pod.metadata?.name, container: status.name, ...found };
  }
  return undefined;
}

function imageFinding(
  pod: V1Pod,
  { name, state }: V1ContainerStatus,
  evidence: Evidence,
): Finding | undefined {
  const reason = state?.waiting?.reason ?? "";
  const never = imageNever.includes(reason);
  if (!never && !imageMaybe.includes(reason)) return undefined;
  const failed = recentEvents(pod, name, evidence).filter(
    ({ reason, message }) =>
      reason === "Failed" && /^Failed to (pull|inspect) image/.test(message ?? ""),
  );
  // Registries hiccup: the first attempt may fail.
  const attempts = failed.reduce(
    (sum, { series, count }) => sum + (series?.count ?? count ?? 1),
    0,
  );
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
  pod: V1Pod,
  status: V1ContainerStatus,
  evidence: Evidence,
): Finding | undefined {
  const { reason, message } = status.state?.waiting ?? {};
  if (!reason || !cannotStart.includes(reason)) return undefined;
  // A pod from before may wait for its next attempt, which finds what this update has made.
  const again = recentEvents(pod, status.name, evidence).some(({ reason }) =>
    reason?.startsWith("Failed"),
  );
  if (evidence.earlier?.has(crashKey(pod, status)) && !again) return undefined;
  return {
    problem: `the container cannot start (${reason})`,
    said: message ? [message] : [],
    fix: "correct what it names: `command`, `env`, a mount, or the user of the image",
    // The kubelet's caches may lag behind a Secret that was made a moment ago.
    settle: 10,
  };
}

function startupFinding(
  pod: V1Pod,
  { name, restartCount, state }: V1ContainerStatus,
  evidence: Evidence,
): Finding | undefined {
  const killed = recentEvents(pod, name, evidence).some(
    ({ reason, message }) =>
      reason === "Killing" && /failed startup probe, will be restarted/.test(message ?? ""),
  );
  if (!killed) return undefined;
  const probe = containerOf(pod, name)?.startupProbe;
  const budget = (probe?.failureThreshold ?? 3) * (probe?.periodSeconds ?? 10);
  const answer = probeAnswer(evidence.events, pod, name);
  return {
    problem: `it did not answer within \`startup\` (${budget} s) and was ended${answer ? `: ${answer}` : ""}`,
    said: eventsOf(evidence.events, pod, name)
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
  pod: V1Pod,
  status: V1ContainerStatus,
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
  return {
    problem: `crashed ${crashes} times, last with ${endingOf(ended)}`,
    said: [...unhealthy.slice(-1), ...(ended.message ? [ended.message] : [])],
    fix:
      ended.reason === "OOMKilled"
        ? "raise `memory`, or make the server take less"
        : "mend what the log says: the image, `command`, `args` or `env`",
    log: log(pod, name, false),
  };
}

/** Whether a container has crashed and not been started again. */
function isDown({ state }: V1ContainerStatus): boolean {
  return !!state?.terminated || state?.waiting?.reason === "CrashLoopBackOff";
}

/** How often a container has ended. */
function crashesOf(status: V1ContainerStatus): number {
  return status.restartCount + (isDown(status) ? 1 : 0);
}

/** What a container's crashes are remembered by. */
export function crashKey({ metadata }: V1Pod, { name }: V1ContainerStatus): string {
  return `${metadata?.uid} ${name}`;
}

/**
 * How many of a pod's crashes by now belong to an earlier attempt, by {@link crashKey}: all of a container that runs well. One that
 * crashes again and again counts as soon as it crashes once more.
 */
export function earlierCrashes(pod: V1Pod): [string, number][] {
  return statusesOf(pod).map((status) => {
    const crashes = crashesOf(status);
    const before = status.ready ? crashes : Math.max(0, crashes + 1 - tooMany);
    return [crashKey(pod, status), before];
  });
}

function log({ metadata }: V1Pod, container: string, previous: boolean): LogOf {
  return { pod: metadata?.name ?? "", container, previous };
}

/** The events of a container that do not belong to an earlier attempt. */
function recentEvents(pod: V1Pod, container: string, { events, since }: Evidence): CoreV1Event[] {
  return eventsOf(events, pod, container).filter((event) => {
    const at = lastTime(event);
    // Kubernetes writes whole seconds.
    return !!at && at.getTime() >= since.getTime() - 1000;
  });
}
