import type { Problem } from "../../problem";
import { meantOr } from "../../spelling";
import { numberProblems, type Bounds } from "../bounds";
import { spreadKeys } from "../scheduling";
import { missingProblems } from "./api-problems";
import { containerPatchProblems } from "./containers";
import {
  byPool,
  podVerdicts,
  verdictProblems,
  type ContainerKind,
  type PatchedPods,
} from "./fields";
import type { PodPatch } from "./merge";
import { securityProblems } from "./security";
import { patchShapeProblems } from "./shape";
import { shownValue } from "./shown";
import { volumeProblems } from "./volumes";

/** Seconds that a job's pods may take to end: the provider waits five minutes for them when their Job is replaced (docs/facts.md 14.12). */
const graceBounds: Bounds = [0, 240];

/** Everything that is wrong with a patch of the pods' spec. */
export function podPatchProblems(patch: PodPatch | undefined, pods: PatchedPods): Problem[] {
  if (patch === undefined) return [];
  const at = ["podPatch"];
  const malformed = patchShapeProblems(patch, at);
  if (malformed.length > 0) return malformed;
  const { securityContext, terminationGracePeriodSeconds: grace, volumes = [] } = patch;
  const own = volumes.map(({ name = "" }) => name);
  return [
    ...verdictProblems(at, patch, podVerdicts(pods)),
    ...containersProblems("containers", patch, pods, own),
    ...containersProblems("initContainers", patch, pods, own),
    ...(securityContext ? securityProblems([...at, "securityContext"], securityContext, pods) : []),
    ...(pods.job && grace !== undefined
      ? numberProblems([...at, "terminationGracePeriodSeconds"], grace, graceBounds)
      : []),
    ...placementProblems(patch, pods),
    ...runtimeProblems(patch, pods),
    ...volumeProblems(patch, pods),
    ...(pods.signalled && patch.shareProcessNamespace === false
      ? [
          {
            ...{ path: [...at, "shareProcessNamespace"], found: "false" },
            problem: "modelUpdates.notify needs it to find the server",
            allowed: "true",
            fix: "remove it, or let the server be told over http",
          },
        ]
      : []),
  ];
}

/** What is wrong with the containers of one list of a patch. */
function containersProblems(
  list: "containers" | "initContainers",
  patch: PodPatch,
  pods: PatchedPods,
  own: readonly string[],
): Problem[] {
  const isMain = (kind: ContainerKind) => (kind === "main") === (list === "containers");
  const names = [...pods.containers].flatMap(([name, { kind }]) => (isMain(kind) ? [name] : []));
  return (patch[list] ?? []).flatMap((container, place) => {
    const { name = "" } = container;
    const path = ["podPatch", list, place];
    const found = pods.containers.get(name);
    if (found && isMain(found.kind)) {
      const os = patch.os !== undefined;
      return containerPatchProblems(path, container, { ...pods, ...found, own, os });
    }
    const other = list === "containers" ? "initContainers" : "containers";
    const elsewhere =
      "write it below sidecars or initContainers of the entry, which add containers";
    return [
      {
        ...{ path: [...path, "name"], found: JSON.stringify(name) },
        problem: found ? `a container of ${other}` : "no container of the pods",
        allowed: names.join(", ") || "nothing: the pods have only their main container",
        fix: found ? `move it to ${other} of the patch` : meantOr(name, names, elsewhere),
      },
    ];
  });
}

/** Another runtime than the one that the nodes of the pool need for their GPUs. */
function runtimeProblems({ runtimeClassName: found }: PodPatch, { pool }: PatchedPods): Problem[] {
  const { name, runtimeClass } = pool ?? {};
  if (found === undefined || runtimeClass === undefined || found === runtimeClass) return [];
  return [
    {
      ...{ path: ["podPatch", "runtimeClassName"], found: JSON.stringify(found) },
      problem: `pods on nodes of pool ${name} run with its RuntimeClass`,
      allowed: `${runtimeClass}, which pools.${name}.runtimeClass says`,
      fix: `remove it, or change pools.${name}.runtimeClass for all pods of the pool`,
    },
  ];
}

/** What keeps pods from nodes that have room for them, where replicas are replaced by what is counted, and new constraints that lack a part. */
function placementProblems(patch: PodPatch, { counted, disk, job }: PatchedPods): Problem[] {
  const { affinity = {}, topologySpreadConstraints = [] } = patch;
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity;
  const at = ["podPatch", "affinity"];
  const required = "requiredDuringSchedulingIgnoredDuringExecution";
  const fix = "write preferredDuringSchedulingIgnoredDuringExecution, or remove it";
  const why = disk
    ? "the pods run where the disk is that they mount"
    : "keeps pods from nodes with room for them, which rollouts count on";
  const hard = Object.entries({ podAffinity, podAntiAffinity }).flatMap(([key, of]) =>
    of?.[required] && (counted || disk)
      ? [{ path: [...at, key, required], found: shownValue(of[required]) }]
      : [],
  );
  // What is said of a constraint that the pods have is merged with it; a new one has to be whole.
  const ours: readonly string[] = job ? [] : spreadKeys;
  const parts = topologySpreadConstraints.flatMap((constraint, place) =>
    ours.includes(constraint.topologyKey ?? "")
      ? []
      : missingProblems(["maxSkew", "whenUnsatisfiable"], { ...constraint }, [
          ...["podPatch", "topologySpreadConstraints"],
          place,
        ]),
  );
  const strict = topologySpreadConstraints.flatMap(({ whenUnsatisfiable }, place) =>
    whenUnsatisfiable === "DoNotSchedule" && counted
      ? [["podPatch", "topologySpreadConstraints", place, "whenUnsatisfiable"]]
      : [],
  );
  return [
    ...(nodeAffinity
      ? [
          {
            ...{ path: [...at, "nodeAffinity"], found: shownValue(nodeAffinity) },
            ...{ ...byPool, allowed: "podAffinity, podAntiAffinity" },
          },
        ]
      : []),
    ...parts,
    ...hard.map((where) => ({ ...where, problem: why, allowed: "what is preferred", fix })),
    ...strict.map((path) => ({
      ...{ path, found: '"DoNotSchedule"', problem: why, allowed: "ScheduleAnyway" },
      fix: "write ScheduleAnyway, or remove it",
    })),
  ];
}
