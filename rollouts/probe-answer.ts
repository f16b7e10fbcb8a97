import { eventsOf, type ObservedEvent, type ObservedPod } from "./observed";

/**
 * What a container's probe was answered last, such as `startup probe got HTTP 404 from /healthz`. The texts are those of the
 * kubelet's prober (docs/facts.md 8.12).
 */
export function probeAnswer(
  events: readonly ObservedEvent[],
  pod: ObservedPod,
  container: string,
): string | undefined {
  const unhealthy = eventsOf(events, pod, container)
    .filter(({ reason }) => reason === "Unhealthy")
    .at(-1)?.message;
  const told = /^(?<probe>\w+) probe (?:failed|errored)[^:]*: (?<answer>.*)$/s.exec(
    unhealthy ?? "",
  );
  if (!told?.groups) return unhealthy ?? undefined;
  const { probe = "", answer = "" } = told.groups;
  const spec = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find(
    ({ name }) => name === container,
  );
  const path = (spec?.startupProbe ?? spec?.readinessProbe)?.httpGet?.path;
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
