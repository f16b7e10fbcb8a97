import type { NodeRoom } from "../../catalog/cpu-nodes";
import { choosePool, type PodPool } from "../../components/workload/placement-problems";
import { fits, type Replicas } from "../../components/workload/spare";
import { argumentProblems, type Entry } from "../entry";
import type { FileProblem } from "../problems";

/** Size of a pool at its largest. */
export interface PoolSize extends PodPool {
  /** Nodes at its largest. */
  maxNodes: number;
  /** CPU and memory that one node leaves for pods. @default not known */
  room?: NodeRoom;
}

/** Sizes of pools by name; undefined where its machine has a problem. */
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
  const known = Object.fromEntries(
    Object.entries(pools).flatMap(([name, size]) => (size ? [[name, size]] : [])),
  );
  const unknown = Object.keys(pools).filter((name) => !known[name]);
  for (const entry of entries) {
    const { pool } = entry.fields;
    // A pool without a size has a problem of its own; it may be the one that is meant.
    if (pool === undefined ? unknown.length > 0 : unknown.includes(pool)) continue;
    const choice = choosePool(entry.fields, known);
    if (choice.name !== undefined) poolOf.set(entry, choice.name);
    problems.push(...argumentProblems(entry, choice.problems));
  }
  for (const [name, size] of Object.entries(known)) {
    const on = entries.filter((entry) => poolOf.get(entry) === name);
    problems.push(...sizeProblems(file, name, size, on));
  }
  return { poolOf, problems };
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
    count: entry.count,
  }));
  if (fits({ maxNodes, gpusPerNode }, groups)) return [];
  const needed = nodesNeeded(gpusPerNode, maxNodes, groups);
  const demand = counted.map((entry) => `${entry.name} ${entry.count} x ${entry.fields.gpus}`);
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
