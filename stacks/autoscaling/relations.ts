import { rangeProblems, scaleOnProblems } from "../../components/serving/autoscaling/problems";
import { placeholdersOf } from "../../components/serving/autoscaling/placeholders";
import { defaultScaleOn } from "../../components/serving/autoscaling/scale-on";
import { serviceBounds } from "../../components/serving/service-problems";
import {
  argumentProblems,
  entryProblem,
  isService,
  nameProblem,
  type Entry,
  type Service,
} from "../entry";
import { sparePods } from "./counts";
import type { ParsedStack } from "../parse";
import type { FileProblem } from "../problems";

/** What is wrong with how a service is scaled; `pool`: the one that it runs on. */
export function scalingProblems(
  entry: Service,
  {
    autoscaling,
    cluster,
    observability,
  }: Pick<ParsedStack, "autoscaling" | "cluster" | "observability">,
  pool: string | undefined,
): FileProblem[] {
  const { replicas, scaleOn, model, nodesPerReplica = 1 } = entry.fields;
  if (typeof replicas === "number") {
    if (scaleOn === undefined) return [];
    return [
      entryProblem(entry, ["scaleOn"], {
        problem: `without effect: the number of replicas is ${replicas}`,
        allowed: "a key beside a range of replicas",
        fix: "write replicas: { min: 2, max: 6 } with your numbers, or remove it",
      }),
    ];
  }
  if (nodesPerReplica > 1) return [rangeOfGroups(entry, replicas.max)];
  const figures = entry.server?.figures;
  // Where the pools are another stack's, the engine of a model is known when they are.
  const open = model !== undefined && figures === undefined;
  const { min, max, spare = 0 } = replicas;
  const followed = scaleOn ?? (figures ? defaultScaleOn(figures) : []);
  const around = {
    figures: open ? undefined : (figures ?? {}),
    keda: autoscaling !== undefined,
    prometheus: autoscaling?.prometheus !== undefined || observability !== undefined,
  };
  const undecided = open && scaleOn === undefined;
  return [
    ...argumentProblems(entry, rangeProblems(replicas, serviceBounds.replicas)),
    ...argumentProblems(
      entry,
      scaleOnProblems(
        { min, max },
        undecided ? [{ signal: "queue", target: 1 }] : followed,
        around,
      ),
    ),
    ...(spare > 0 ? spareProblems(entry, cluster.pools[pool ?? ""], pool) : []),
  ];
}

/** A range of replicas that may take several nodes each: the autoscaler changes the number of a Deployment alone. */
function rangeOfGroups(entry: Service, max: number): FileProblem {
  const { server } = entry;
  const fixed = `write replicas: ${max}`;
  const words = { allowed: "a number of replicas beside nodesPerReplica" };
  if (server?.nodeGroup) {
    return entryProblem(entry, ["replicas"], {
      ...{ ...words, fix: fixed },
      problem: "a range of replicas of which each is spread over several nodes",
    });
  }
  return entryProblem(entry, ["replicas"], {
    ...words,
    problem: "a range of replicas of which each may be spread over several nodes",
    fix: server
      ? `remove nodesPerReplica, as one node holds the model, or ${fixed}`
      : `${fixed}, or remove nodesPerReplica if one node holds the model`,
  });
}

/** Placeholder pods on nodes that are there anyway. */
function spareProblems(
  entry: Service,
  pool: { nodes?: { min?: number; max?: number } } | undefined,
  name: string | undefined,
): FileProblem[] {
  const { min, max } = pool?.nodes ?? {};
  if (max === undefined || (min ?? 0) < max) return [];
  return [
    entryProblem(entry, ["replicas", "spare"], {
      problem: `without effect: all ${max} nodes of pool ${name} always run`,
      allowed: "a pool whose number of nodes changes",
      fix: "remove it, or lower nodes.min of the pool",
    }),
  ];
}

/** An entry that is called like the placeholder pods of a service: in any namespace, as the engine knows both by this name. */
export function placeholderNameProblem(entry: Entry, entries: readonly Entry[]): FileProblem[] {
  const of = entries
    .filter(isService)
    .find((other) => sparePods(other.fields) > 0 && placeholdersOf(other.name) === entry.name);
  if (!of || !isService(entry)) return [];
  return [
    nameProblem(entry, {
      problem: `name of the placeholder pods of services.${of.name}`,
      allowed: `a name other than ${entry.name} beside replicas.spare of ${of.name}`,
      fix: "rename it",
    }),
  ];
}
