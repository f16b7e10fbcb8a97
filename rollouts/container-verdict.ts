import type { CoreV1Event, V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import type { Finding } from "./problem";
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

/** A container, and what happened to it. */
interface Container {
  pod: V1Pod;
  status: V1ContainerStatus;
  events: CoreV1Event[];
  /** Those of its events that do not belong to an earlier attempt. */
  recent: CoreV1Event[];
  /** How many of its crashes belong to an earlier attempt; undefined where it was made in this one. */
  earlier?: number;
}

/** No attempt mends these (docs/facts.md 8.10). */
const imageNever = ["InvalidImageName", "ErrImageNeverPull"];
const imageMaybe = ["ErrImagePull", "ImagePullBackOff", "RegistryUnavailable", "ImageInspectError"];
const cannotStart = [
  ...["CreateContainerConfigError", "CreateContainerError", "RunContainerError"],
  ...["PreCreateHookError", "PreStartHookError", "PostStartHookError"],
];

/** What is wrong with the containers of a pod that is not ready; of several the first. */
export function containerFinding(
  pod: V1Pod,
  { events: all, since, earlier }: Evidence,
): Finding | undefined {
  if (isReady(pod)) return undefined;
  for (const status of unfinished(pod)) {
    const events = eventsOf(all, pod, status.name);
    // Kubernetes writes whole seconds.
    const from = since.getTime() - 1000;
    const recent = events.filter((event) => (lastTime(event)?.getTime() ?? 0) >= from);
    const one = { pod, status, events, recent, earlier: earlier?.get(crashKey(pod, status)) };
    const found =
      imageFinding(one) ?? startFinding(one) ?? startupFinding(one) ?? crashFinding(one);
    if (found) return { pod: pod.metadata?.name, container: status.name, ...found };
  }
  return undefined;
}

function imageFinding({ pod, status, recent }: Container): Finding | undefined {
  const { reason = "", message } = status.state?.waiting ?? {};
  const never = imageNever.includes(reason);
  if (!never && !imageMaybe.includes(reason)) return undefined;
  const failed = recent.filter(
    (event) =>
      event.reason === "Failed" && /^Failed to (pull|inspect) image/.test(event.message ?? ""),
  );
  // Registries hiccup: the first attempt may fail.
  const attempts = failed.reduce(
    (sum, event) => sum + (event.series?.count ?? event.count ?? 1),
    0,
  );
  if (!never && attempts < 2) return undefined;
  const said = failed.at(-1)?.message ?? message ?? reason;
  const cannot = never ? "cannot be used" : "cannot be pulled";
  return {
    problem: `the image ${imageOf(pod, status.name)} ${cannot} (${reason})`,
    said: [said],
    fix: /unauthorized|forbidden|denied|authenticat|401|403/i.test(said)
      ? "let the nodes pull it (`pullSecrets`, or the registry's permissions), or correct `image`"
      : "correct `image`, or push it to its registry",
  };
}

function startFinding({ status, recent, earlier }: Container): Finding | undefined {
  const { reason = "", message } = status.state?.waiting ?? {};
  if (!cannotStart.includes(reason)) return undefined;
  // A pod from before may wait for its next attempt, which finds what this update has made.
  const again = recent.some(({ reason }) => reason?.startsWith("Failed"));
  if (earlier !== undefined && !again) return undefined;
  return {
    problem: `the container cannot start (${reason})`,
    said: message ? [message] : [],
    fix: "correct what it names: `command`, `env`, a mount, or the user of the image",
    // The kubelet's caches may lag behind a Secret that was made a moment ago.
    settle: 10,
  };
}

function startupFinding({ pod, status, events, recent }: Container): Finding | undefined {
  const killed = recent.some(
    ({ reason, message }) =>
      reason === "Killing" && /failed startup probe, will be restarted/.test(message ?? ""),
  );
  if (!killed) return undefined;
  const container = containerOf(pod, status.name);
  const { failureThreshold = 3, periodSeconds = 10 } = container?.startupProbe ?? {};
  const answer = probeAnswer(events, container);
  const ended = `it did not answer within \`startup\` (${failureThreshold * periodSeconds} s) and was ended`;
  return {
    problem: [ended, answer].filter(Boolean).join(": "),
    said: events
      .filter(({ reason }) => reason === "Unhealthy")
      .flatMap(({ message }) => message ?? []),
    fix: /HTTP 4\d\d/.test(answer ?? "")
      ? "correct `health`: it must be a path that the server answers with 200"
      : "correct `health` and `port`, mend what the log says, or raise `startup` where the model needs longer",
    log: logOf(pod, status, status.restartCount > 0 && !!status.state?.running),
  };
}

/** Crashes of a container after which it counts as failed. */
export const tooMany = 3;

function crashFinding({ pod, status, events, earlier = 0 }: Container): Finding | undefined {
  const ended = status.state?.terminated ?? status.lastState?.terminated;
  const crashes = crashesOf(status);
  if (!ended || !isDown(status) || crashes - earlier < tooMany) return undefined;
  const unhealthy = events
    .filter(({ reason, message }) => reason === "Killing" && /liveness/.test(message ?? ""))
    .flatMap(({ message }) => message ?? []);
  return {
    problem: `crashed ${crashes} times, last with ${endingOf(ended)}`,
    said: [...unhealthy.slice(-1), ...(ended.message ? [ended.message] : [])],
    fix:
      ended.reason === "OOMKilled"
        ? "raise `memory`, or make the server take less"
        : "mend what the log says: the image, `command`, `args` or `env`",
    log: logOf(pod, status, false),
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
function crashKey({ metadata }: V1Pod, { name }: V1ContainerStatus): string {
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

/** Whether a container of a pod has ended that should not have. */
export function hasCrashed(pod: V1Pod): boolean {
  return endedIn(pod) !== undefined;
}

/** The container of a pod that ended first although it should not have, as far as its status still tells. */
export function endedIn(pod: V1Pod) {
  const ended = unfinished(pod).flatMap((status) => {
    // That of a container which was started once more: the group was already given up then.
    const last = status.lastState?.terminated ?? status.state?.terminated;
    return last ? [{ status, last, at: new Date(last.finishedAt ?? 0).getTime() }] : [];
  });
  const [first] = ended.sort((a, b) => a.at - b.at);
  if (!first) return undefined;
  const { status, last, at } = first;
  return { at, how: endingOf(last), log: logOf(pod, status, status.restartCount > 0) };
}

function logOf({ metadata }: V1Pod, { name }: V1ContainerStatus, previous: boolean) {
  return { pod: metadata?.name ?? "", container: name, previous };
}
