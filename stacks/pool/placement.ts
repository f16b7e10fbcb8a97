import { fits, type Replicas } from "../../components/workload/spare";
import { entryProblem, podsOf, type Entry } from "../entry";
import type { FileProblem } from "../problems";
import { meantOr } from "../spelling";

/** What a pool at its largest has room for. */
export interface PoolSize {
  /** GPUs that one node offers. */
  gpusPerNode: number;
  /** GPUs that one pod may take. */
  gpusPerPod: number;
  /** Nodes at its largest. */
  maxNodes: number;
}

/** Sizes of pools by name; undefined where it cannot be told. */
export type PoolSizes = Record<string, PoolSize | undefined>;

/** Name of the pool that an entry's pods run on; undefined where it needs none, or where there is none. */
export type PoolOf = (entry: Entry) => string | undefined;

/** Finds the pool of each entry, and whether the pools hold all that runs on them; nothing where the pools are another stack's. */
export function placeOnPools(
  file: string,
  pools: PoolSizes | undefined,
  entries: readonly Entry[],
): { poolOf: Map<Entry, string>; problems: FileProblem[] } {
  const poolOf = new Map<Entry, string>();
  const problems: FileProblem[] = [];
  if (!pools) return { poolOf, problems };
  for (const entry of entries) {
    const choice = choose(entry, pools);
    if (typeof choice === "string") poolOf.set(entry, choice);
    else if (choice) problems.push(choice);
  }
  for (const [name, size] of Object.entries(pools)) {
    const on = entries.filter((entry) => poolOf.get(entry) === name);
    if (size) problems.push(...sizeProblems(file, name, size, on));
  }
  return { poolOf, problems };
}

/** Name of the entry's pool, why it has none, or neither where it needs none or nothing can be told. */
function choose(entry: Entry, pools: PoolSizes): string | FileProblem | undefined {
  const { pool, gpus } = entry.fields;
  if (pool !== undefined) return named(entry, pool, pools);
  const sizes = Object.entries(pools).flatMap(([name, size]) => (size ? [{ name, ...size }] : []));
  if (gpus === 0 || sizes.length < Object.keys(pools).length) return undefined;
  const enough = sizes.filter(({ gpusPerPod }) => gpusPerPod >= gpus).map(({ name }) => name);
  const [only, ...others] = enough;
  if (only !== undefined && others.length === 0) return only;
  if (only !== undefined) {
    return entryProblem(entry, ["pool"], {
      problem: "missing",
      allowed: enough.join(", "),
      fix: `several pools have enough GPUs on a node; say which, for example pool: ${only}`,
    });
  }
  if (sizes.length === 0) {
    return entryProblem(entry, ["gpus"], {
      problem: "no pool declared",
      allowed: "0 while there are no pools",
      fix: "declare a pool of GPU nodes under pools in the stack file",
    });
  }
  const most = Math.max(...sizes.map(({ gpusPerPod }) => gpusPerPod));
  const allowed = `a whole number from 0 to ${most}`;
  const shared = sizes.filter(({ gpusPerNode }) => gpusPerNode >= gpus).map(({ name }) => name);
  return entryProblem(
    entry,
    ["gpus"],
    shared.length > 0
      ? {
          problem: `more GPUs than any pool gives one pod: those of ${shared.join(", ")} are shared`,
          allowed,
          fix: `lower it to ${most}, or declare a pool without sharing`,
        }
      : {
          problem: "more GPUs than a node of any pool has",
          allowed,
          fix: `lower it, or declare a pool with gpusPerNode: ${gpus}`,
        },
  );
}

function named(entry: Entry, pool: string, pools: PoolSizes): string | FileProblem | undefined {
  const names = Object.keys(pools);
  if (!names.includes(pool)) {
    const other = "choose a declared pool, or declare it under pools in the stack file";
    return entryProblem(entry, ["pool"], {
      problem: "not a declared pool",
      allowed: names.join(", ") || "none: no pools are declared",
      fix: meantOr(pool, names, other),
    });
  }
  const size = pools[pool];
  if (!size || entry.fields.gpus <= size.gpusPerPod) return size && pool;
  const most = size.gpusPerPod;
  return entryProblem(
    entry,
    ["gpus"],
    most < size.gpusPerNode
      ? {
          problem: `pool ${pool} shares its GPUs, and a pod cannot join two shares into one`,
          allowed: `0 or ${most}`,
          fix: `lower it to ${most}, or choose a pool without sharing`,
        }
      : {
          problem: `more GPUs than a node of pool ${pool} has`,
          allowed: `a whole number from 0 to ${most}`,
          fix: `lower it, choose another pool, or raise pools.${pool}.gpusPerNode if its nodes have more`,
        },
  );
}

/** A pool that at its largest does not hold the pods that run on it. */
function sizeProblems(
  file: string,
  name: string,
  { gpusPerNode, maxNodes }: PoolSize,
  entries: readonly Entry[],
): FileProblem[] {
  const counted = entries.filter(({ fields: { gpus } }) => gpus > 0);
  const groups = counted.map((entry): Replicas => ({
    gpus: entry.fields.gpus,
    count: podsOf(entry),
  }));
  if (fits({ maxNodes, gpusPerNode }, groups)) return [];
  const needed = nodesNeeded(gpusPerNode, maxNodes, groups);
  const demand = counted.map((entry) => `${entry.name} ${podsOf(entry)} x ${entry.fields.gpus}`);
  return [
    {
      ...{ file, path: ["pools", name, "nodes", "max"] },
      problem: "too few nodes for what runs on this pool",
      allowed: `${needed} or more, for pods x GPUs on nodes of ${gpusPerNode}: ${demand.join(", ")}`,
      fix: `raise it to ${needed}, or run less on it`,
    },
  ];
}

/** Smallest number of nodes above `tooFew` that holds all replicas. */
function nodesNeeded(gpusPerNode: number, tooFew: number, groups: readonly Replicas[]): number {
  let low = tooFew;
  let high = groups.reduce((sum, { count }) => sum + count, 0);
  while (high - low > 1) {
    const maxNodes = Math.floor((low + high) / 2);
    if (fits({ maxNodes, gpusPerNode }, groups)) high = maxNodes;
    else low = maxNodes;
  }
  return high;
}
