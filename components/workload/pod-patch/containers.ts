import type { Problem } from "../../problem";
import { containerVerdicts, verdictProblems, type ContainerKind, type PatchedPods } from "./fields";
import type { PodPatch } from "./merge";
import { securityProblems } from "./security";
import { shownValue } from "./shape";

/** What a patch says of a container. */
type ContainerPatch = NonNullable<PodPatch["containers"]>[number];

/** The pods of a container, and what is in them. */
interface Around extends PatchedPods {
  kind: ContainerKind;
  /** Names of its variables. */
  variables: readonly string[];
  /** Names of the volumes that the patch adds. */
  own: readonly string[];
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
  { preStop, postStart }: NonNullable<ContainerPatch["lifecycle"]>,
  { job }: Around,
): Problem[] {
  const stop: Problem[] =
    preStop && !job
      ? [
          {
            ...{ path: [...path, "preStop"], found: shownValue(preStop) },
            problem: "takes the time in which requests in flight end",
            allowed: job ? "postStart, preStop, stopSignal" : "postStart, stopSignal",
            fix: "remove it, and write drain for the time that requests get",
          },
        ]
      : [];
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

/** Amounts that nodes are chosen by, each of which an argument says. */
function amountProblems(
  path: Problem["path"],
  { requests = {}, limits = {} }: NonNullable<ContainerPatch["resources"]>,
  called: Called,
): Problem[] {
  const argumentOf = (list: string, amount: string) => {
    if (amount === "cpu") return list === "limits" ? "cpuLimit" : "cpu";
    if (amount === "memory") return "memory";
    return /^nvidia\.com\/|\/gpu$/.test(amount) ? "gpus" : undefined;
  };
  return Object.entries({ requests, limits }).flatMap(([list, amounts]) =>
    Object.entries(amounts).flatMap(([amount, value]) => {
      const argument = argumentOf(list, amount);
      if (argument === undefined) return [];
      return [
        {
          ...{ path: [...path, list, amount], found: JSON.stringify(value) },
          problem: `what ${called(argument)} says, by which pods are fitted to nodes`,
          allowed: "other resources, such as ephemeral-storage",
          fix: `remove it, and write ${called(argument)}`,
        },
      ];
    }),
  );
}

/** Mounts of what the patch does not add, or where something is mounted. */
function mountProblems(
  at: Problem["path"],
  { volumeMounts = [], volumeDevices = [] }: ContainerPatch,
  { own, paths }: Around,
): Problem[] {
  const lists = { volumeMounts, volumeDevices };
  const names = Object.entries(lists).flatMap(([list, items]) =>
    items.flatMap(({ name = "" }, place) =>
      own.includes(name)
        ? []
        : [
            {
              ...{ path: [...at, list, place, "name"], found: JSON.stringify(name) },
              problem: "no volume of the patch",
              allowed: own.join(", ") || "nothing: the patch has no volumes",
              fix: "write mounts for a volume of the stack, or add the volume to the patch",
            },
          ],
    ),
  );
  const taken = volumeMounts.flatMap(({ mountPath = "" }, place) =>
    paths.includes(mountPath)
      ? [
          {
            ...{ path: [...at, "volumeMounts", place], found: JSON.stringify(mountPath) },
            problem: "a path at which something is mounted",
            allowed: `paths other than ${paths.join(", ")}`,
            fix: "mount it elsewhere",
          },
        ]
      : [],
  );
  return [...names, ...taken];
}
