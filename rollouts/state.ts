import { endingOf, imageOf, statusesOf } from "./container-verdict";
import {
  eventsOf,
  isDead,
  type ContainerStatus,
  type ObservedEvent,
  type ObservedPod,
} from "./observed";
import { probeAnswer } from "./probe-answer";

/** What a pod that is not ready does, in words: `waiting for a node`, `pulling the image`, `starting`. */
export function podState(pod: ObservedPod, events: readonly ObservedEvent[]): string {
  const unplaced = pod.status.conditions?.find(
    ({ type, status }) => type === "PodScheduled" && status === "False",
  );
  if (unplaced) return ["waiting for a node", unplaced.message].filter(Boolean).join(": ");
  if (!pod.spec.nodeName) return "waiting for a node";
  if (isDead(pod)) {
    return ["ended for good", pod.status.reason, pod.status.message].filter(Boolean).join(": ");
  }
  const inits = (pod.status.initContainerStatuses ?? []).map(({ name }) => name);
  const [first] = statusesOf(pod).filter(
    ({ name, ready, state }) =>
      !ready && !(inits.includes(name) && state?.terminated?.exitCode === 0),
  );
  if (!first) return "starting";
  const main = pod.spec.containers[0]?.name;
  const words = containerState(pod, first, events);
  return first.name === main ? words : `${first.name}: ${words}`;
}

function containerState(
  pod: ObservedPod,
  { name, state, lastState, restartCount }: ContainerStatus,
  events: readonly ObservedEvent[],
): string {
  const { waiting, running, terminated } = state ?? {};
  const ended = terminated ?? lastState?.terminated;
  if (running) {
    const answer = probeAnswer(events, pod, name);
    const again = restartCount > 0 ? ` again (restart ${restartCount})` : "";
    return `starting${again}${answer ? `: ${answer}` : ""}`;
  }
  if (terminated || waiting?.reason === "CrashLoopBackOff") {
    const times = terminated ? restartCount + 1 : Math.max(restartCount, 1);
    const how = ended ? endingOf(ended) : "an unknown end";
    return `crashed ${times === 1 ? "once" : `${times} times`} (${how}), starts again`;
  }
  const reason = waiting?.reason ?? "";
  if (/^(ErrImage|ImagePull|ImageInspect|InvalidImage|Registry)/.test(reason)) {
    return `pulling the image ${imageOf(pod, name)} failed (${reason}), tried again`;
  }
  if (reason && !["ContainerCreating", "PodInitializing"].includes(reason)) {
    return [`cannot start yet (${reason})`, waiting?.message].filter(Boolean).join(": ");
  }
  if (eventsOf(events, pod, name).at(-1)?.reason === "Pulling") {
    return `pulling the image ${imageOf(pod, name)}`;
  }
  const held = eventsOf(events, pod)
    .filter((event) => /^Failed(Mount|AttachVolume|CreatePodSandBox)$/.test(event.reason ?? ""))
    .at(-1)?.message;
  return held ? `starting: ${held}` : "starting";
}
