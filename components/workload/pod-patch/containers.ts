import type { Problem } from "../../problem";
import { amountProblems } from "./amounts";
import { containerVerdicts, verdictProblems, type ContainerKind, type PatchedPods } from "./fields";
import type { PodPatch } from "./merge";
import { mountProblems } from "./mounts";
import { securityProblems } from "./security";
import { shownValue } from "./shown";

/** What a patch says of a container. */
type ContainerPatch = NonNullable<PodPatch["containers"]>[number];

/** The pods of a container, and what is in them. */
interface Around extends PatchedPods {
  kind: ContainerKind;
  /** Names of its variables. */
  variables: readonly string[];
  /** Names of the volumes that the patch adds. */
  own: readonly string[];
  /** Whether the patch names the system of the nodes. */
  os: boolean;
}

/** What is wrong with what a patch says of a container of the pods. */
export function containerPatchProblems(
  at: Problem["path"],
  container: ContainerPatch,
  around: Around,
): Problem[] {
  const { kind } = around;
  const { name = "", securityContext, resources, lifecycle, env = [], ports = [] } = container;
  const called = (argument: string) => {
    if (kind === "sidecar") return `sidecars.${name}.${argument}`;
    return kind === "init" ? `${argument} of ${name} in initContainers` : argument;
  };
  const refused = verdictProblems(at, container, containerVerdicts(kind, around), called);
  // What of our own containers may be said, no other rule is about.
  if (kind === "managed") return refused;
  return [
    ...refused,
    ...env.flatMap((of, place) => variableProblems([...at, "env", place], of, around, called)),
    ...(lifecycle ? lifecycleProblems([...at, "lifecycle"], lifecycle, around) : []),
    ...ports.flatMap(({ hostPort }, place) =>
      hostPort
        ? [
            {
              ...{ path: [...at, "ports", place, "hostPort"], found: String(hostPort) },
              problem: "a port of the node, which other pods then cannot have",
              ...{ allowed: "ports of the pod", fix: "remove it" },
            },
          ]
        : [],
    ),
    ...(resources ? amountProblems([...at, "resources"], resources, called) : []),
    ...(securityContext
      ? securityProblems([...at, "securityContext"], securityContext, around)
      : []),
    ...mountProblems(at, container, around),
  ];
}

type Called = (argument: string) => string;

/** A variable that the container has, or that its arguments can say. */
function variableProblems(
  path: Problem["path"],
  variable: NonNullable<ContainerPatch["env"]>[number],
  { variables }: Around,
  called: Called,
): Problem[] {
  const { name = "", valueFrom } = variable;
  const allowed = "new variables from fieldRef, resourceFieldRef, or with optional";
  if (variables.includes(name)) {
    const problem = "a variable that the container has";
    return [
      { path: [...path, "name"], found: JSON.stringify(name), problem, allowed, fix: "rename it" },
    ];
  }
  const { secretKeyRef: secret, configMapKeyRef: configMap } = valueFrom ?? {};
  const reference = secret ?? configMap;
  if (valueFrom && (!reference || reference.optional)) return [];
  const from = `{ ${secret ? "existingSecret" : "existingConfigMap"}: ${reference?.name}, key: ${reference?.key} }`;
  const text = variable.value === undefined ? "..." : JSON.stringify(variable.value);
  return [
    {
      ...{ path, found: shownValue(variable), allowed },
      problem: `set by ${called("env")}`,
      fix: `remove it, and write ${called("env")} with ${name}: ${reference ? from : text}`,
    },
  ];
}

function lifecycleProblems(
  path: Problem["path"],
  { preStop, postStart, stopSignal }: NonNullable<ContainerPatch["lifecycle"]>,
  { job, os }: Around,
): Problem[] {
  const stop = Object.entries({ preStop, stopSignal }).flatMap(([key, of]): Problem[] =>
    of === undefined || job
      ? []
      : [
          {
            ...{ path: [...path, key], found: shownValue(of), allowed: "postStart" },
            problem:
              key === "preStop"
                ? "takes the time in which requests in flight end"
                : "servers end their requests at SIGTERM, which drain counts on",
            fix: "remove it, and write drain for the time that requests get",
          },
        ],
  );
  if (job && stopSignal !== undefined && !os) {
    stop.push({
      ...{ path: [...path, "stopSignal"], found: shownValue(stopSignal) },
      problem: "a signal without os, by which Kubernetes reads its name",
      allowed: "a signal beside os: { name: linux }",
      fix: "add os: { name: linux } to the patch",
    });
  }
  const hosts = Object.entries({ preStop, postStart }).flatMap(([key, of]) => {
    const host = of?.httpGet?.host || of?.tcpSocket?.host;
    if (!host) return [];
    return [
      {
        ...{ path: [...path, key], found: JSON.stringify(host) },
        problem: "asks another host from the node, past all network policies",
        ...{ allowed: "requests to the pod itself", fix: "remove host" },
      },
    ];
  });
  return [...stop, ...hosts];
}
