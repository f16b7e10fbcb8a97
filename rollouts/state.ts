import type {
  CoreV1Event,
  V1Container,
  V1ContainerStateTerminated,
  V1ContainerStatus,
  V1Pod,
} from "@kubernetes/client-node";
import { eventsOf, isDead } from "./workload";

/** What a pod that is not ready does, in words: `waiting for a node`, `pulling the image`, `starting`. */
export function podState(pod: V1Pod, events: readonly CoreV1Event[]): string {
  const unplaced = pod.status?.conditions?.find(
    ({ type, status }) => type === "PodScheduled" && status === "False",
  );
  if (unplaced) return joined("waiting for a node", unplaced.message);
  if (!pod.spec?.nodeName) return "waiting for a node";
  if (isDead(pod)) return joined("ended for good", pod.status?.reason, pod.status?.message);
  const [first] = unfinished(pod).filter(({ ready }) => !ready);
  if (!first) return "starting";
  const words = containerState(pod, first, events);
  return first.name === pod.spec.containers[0]?.name ? words : `${first.name}: ${words}`;
}

function containerState(
  pod: V1Pod,
  { name, state, lastState, restartCount }: V1ContainerStatus,
  events: readonly CoreV1Event[],
): string {
  const { waiting, running, terminated } = state ?? {};
  const { reason = "", message } = waiting ?? {};
  const own = eventsOf(events, pod, name);
  if (running) {
    const again = restartCount > 0 ? ` again (restart ${restartCount})` : "";
    return joined(`starting${again}`, probeAnswer(own, containerOf(pod, name)));
  }
  if (terminated || reason === "CrashLoopBackOff") {
    const times = terminated ? restartCount + 1 : Math.max(restartCount, 1);
    const ended = terminated ?? lastState?.terminated;
    const how = ended ? endingOf(ended) : "an unknown end";
    return `crashed ${times === 1 ? "once" : `${times} times`} (${how}), starts again`;
  }
  if (/^(ErrImage|ImagePull|ImageInspect|InvalidImage|Registry)/.test(reason)) {
    return `pulling the image ${imageOf(pod, name)} failed (${reason}), tried again`;
  }
  if (reason && !["ContainerCreating", "PodInitializing"].includes(reason)) {
    return joined(`cannot start yet (${reason})`, message);
  }
  if (own.at(-1)?.reason === "Pulling") return `pulling the image ${imageOf(pod, name)}`;
  const held = eventsOf(events, pod)
    .filter(({ reason }) => /^Failed(Mount|AttachVolume|CreatePodSandBox)$/.test(reason ?? ""))
    .at(-1)?.message;
  return joined("starting", held);
}

function joined(...parts: (string | undefined)[]): string {
  return parts.filter(Boolean).join(": ");
}

/** How a run ended, in words. */
export function endingOf({ exitCode, signal, reason }: V1ContainerStateTerminated): string {
  const code = `exit code ${exitCode}`;
  if (reason === "OOMKilled") return `${code}: it took more memory than it may (OOMKilled)`;
  const by = signal ?? (exitCode > 128 ? exitCode - 128 : undefined);
  const words = by ? `${code}, signal ${by}` : code;
  return !reason || ["Error", "Completed"].includes(reason) ? words : `${words} (${reason})`;
}

/**
 * What a container's probe was answered last by its events, such as `startup probe got HTTP 404 from /healthz`. The texts are those of the
 * kubelet's prober (docs/facts.md 8.12).
 */
export function probeAnswer(
  events: readonly CoreV1Event[],
  container?: V1Container,
): string | undefined {
  const unhealthy = events.filter(({ reason }) => reason === "Unhealthy").at(-1)?.message;
  const told = /^(\w+) probe (?:failed|errored)[^:]*: (.*)$/s.exec(unhealthy ?? "");
  if (!told) return unhealthy;
  const [, probe = "", answer = ""] = told;
  const path = (container?.startupProbe ?? container?.readinessProbe)?.httpGet?.path;
  return `${probe.toLowerCase()} probe ${inWords(answer.trim(), path ? ` from ${path}` : "")}`;
}

function inWords(answer: string, from: string): string {
  const status = /^HTTP probe failed with statuscode: (\d+)/.exec(answer)?.[1];
  if (status) return `got HTTP ${status}${from}`;
  if (/connection refused/.test(answer)) {
    return `got no answer${from}: nothing listens on the port yet (connection refused)`;
  }
  if (/deadline exceeded|Client\.Timeout|i\/o timeout/.test(answer)) {
    return `got no answer in time${from}`;
  }
  return `failed: ${answer}`;
}

/** A container of a pod, as its pod asks for it. */
export function containerOf({ spec }: V1Pod, container: string): V1Container | undefined {
  const all = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  return all.find(({ name }) => name === container);
}

/** Image of a container, as its pod asks for it. */
export function imageOf(pod: V1Pod, container: string): string {
  return containerOf(pod, container)?.image ?? "";
}

/** Containers of a pod that have begun or wait, those that start first before the others. */
export function statusesOf({ status }: V1Pod): V1ContainerStatus[] {
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
}

/** The same without init containers that have done their work, however often they failed before. */
export function unfinished(pod: V1Pod): V1ContainerStatus[] {
  const inits = pod.status?.initContainerStatuses ?? [];
  return statusesOf(pod).filter(
    (one) => !(inits.includes(one) && one.state?.terminated?.exitCode === 0),
  );
}
