import type { PlacedPool } from "../cluster/cluster";
import type { Problem } from "../problem";
import { nearest } from "../spelling";
import { numberProblems, type Bounds } from "./bounds";
import { eligiblePools } from "./scheduling";
import { fits } from "./spare";

/** GPUs that one pod can ask for: as many as the largest node has of small ones (docs/facts.md 5.9). */
export const gpuBounds: Bounds = [0, 128];

/** The GPUs of one pod of a workload, and the pool that it names. */
type PoolDemand = { gpus: number; pool?: string };

/** GPUs that a pool gives its pods. */
export type PodPool = Pick<PlacedPool, "gpusPerNode" | "gpusPerPod">;

type PodPools = Readonly<Record<string, PodPool>>;

/** The name of the pool that a workload's pods run on, or why there is none; neither where they need none. */
export function choosePool(
  { gpus, pool }: PoolDemand,
  pools: PodPools,
): { name?: string; problems: Problem[] } {
  if (pool !== undefined && !Object.hasOwn(pools, pool)) {
    return { problems: [undeclaredProblem(pool, Object.keys(pools))] };
  }
  if (gpus === 0) return { name: pool, problems: [] };
  const enough = eligiblePools(pools, gpus);
  const [name] = pool === undefined ? enough : enough.filter((one) => one === pool);
  if (name === undefined) return { problems: [gpuProblem(gpus, pools, pool)] };
  if (pool !== undefined || enough.length === 1) return { name, problems: [] };
  return {
    problems: [
      {
        ...{ path: ["pool"], problem: "missing", found: "nothing", allowed: enough.join(", ") },
        fix: `several pools have enough GPUs on a node; say which, for example pool: ${name}`,
      },
    ],
  };
}

function undeclaredProblem(pool: string, names: readonly string[]): Problem {
  const meant = nearest(pool, names);
  return {
    ...{ path: ["pool"], found: JSON.stringify(pool) },
    problem: "not a declared pool",
    allowed: names.join(", ") || "none: no pools are declared",
    fix: meant
      ? `write ${meant} if that is meant`
      : "choose a declared pool, or declare it under pools",
  };
}

/** Why the pool that a workload names, or any where it names none, does not give its pods so many GPUs. */
function gpuProblem(gpus: number, pools: PodPools, pool?: string): Problem {
  const at = { path: ["gpus"], found: String(gpus) };
  const among = Object.entries(pools).filter(([name]) => name === (pool ?? name));
  if (among.length === 0) {
    return {
      ...at,
      problem: "no pool declared",
      allowed: "0 while there are no pools",
      fix: "declare a pool of GPU nodes under pools",
    };
  }
  const most = Math.max(...among.map(([, { gpusPerPod }]) => gpusPerPod));
  if (most === 0) return gpulessProblem(at, eligiblePools(pools, gpus), pool);
  const allowed = `a whole number from 0 to ${most}`;
  const shared = among.flatMap(([name, { gpusPerNode, gpusPerPod }]) =>
    gpusPerPod < gpusPerNode && (pool !== undefined || gpus <= gpusPerNode) ? [name] : [],
  );
  if (shared.length === 0) {
    return {
      ...{ ...at, allowed },
      problem: `more GPUs than a node of ${pool === undefined ? "any pool" : `pool ${pool}`} has`,
      fix:
        pool === undefined
          ? `lower it, or declare a pool with gpusPerNode: ${gpus}`
          : `lower it, choose another pool, or raise pools.${pool}.gpusPerNode if its nodes have more`,
    };
  }
  if (pool === undefined) {
    return {
      ...{ ...at, allowed },
      problem: `more GPUs than any pool gives one pod: those of ${shared.join(", ")} are shared`,
      fix: `lower it to ${most}, or declare a pool without sharing`,
    };
  }
  const one = most === 1;
  return {
    ...at,
    problem: `pool ${pool} shares its GPUs, and a pod ${one ? "cannot join two shares into one" : `takes at most ${most} of the shares`}`,
    allowed: one ? "0 or 1" : allowed,
    fix: `lower it to ${most}, or choose a pool without sharing`,
  };
}

/** GPUs where the pool that is named, or any pool, is one of nodes without GPUs. */
function gpulessProblem(
  at: Pick<Problem, "path" | "found">,
  others: readonly string[],
  pool?: string,
): Problem {
  if (pool === undefined) {
    return {
      ...at,
      problem: "no pool with GPUs declared",
      allowed: "0 while no pool has GPUs",
      fix: "declare a pool of GPU nodes under pools",
    };
  }
  return {
    ...at,
    problem: `nodes of pool ${pool} have no GPUs`,
    allowed: "0 on this pool",
    fix:
      others.length > 0
        ? `remove it, or run on a pool with GPUs: pool: ${others.join(" or ")}`
        : "remove it, or declare a pool of GPU nodes under pools",
  };
}

/** The pool that a workload's pods run on, and everything that keeps them from it; `pods` are those that run at the same time. */
export function placementProblems(
  demand: PoolDemand,
  pods: { field: string; count: number },
  pools: Readonly<Record<string, PlacedPool>>,
): { pool?: PlacedPool; problems: Problem[] } {
  const { gpus } = demand;
  const wrong = numberProblems(["gpus"], gpus, gpuBounds);
  // A wrong number of GPUs says nothing about pools.
  if (wrong.length > 0) return { problems: wrong };
  const { name = "", problems } = choosePool(demand, pools);
  const pool = pools[name];
  const counted = Number.isInteger(pods.count) && pods.count <= 5000 ? pods.count : 0;
  if (!pool || fits(pool, [{ gpus, count: counted }])) return { pool, problems };
  const full: Problem = {
    ...{ path: [pods.field], found: String(pods.count) },
    problem: `more than pool ${pool.name} has room for`,
    allowed: `what fits ${pool.maxNodes} nodes with ${pool.gpusPerNode} GPUs each, at ${gpus} GPUs for a pod`,
    fix: "lower it, or raise nodes.max of the pool",
  };
  return { pool, problems: [full] };
}
