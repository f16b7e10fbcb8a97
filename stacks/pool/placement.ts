import type { NodeRoom } from "../../catalog/cpu-nodes";
import { choosePool, type PodPool } from "../../components/workload/placement-problems";
import { fits, holdsOne, type Replicas } from "../../components/workload/spare";
import { argumentProblems, entryProblem, type Entry } from "../entry";
import type { FileProblem } from "../problems";

/** Size of a pool at its largest. */
export interface PoolSize extends PodPool {
  /** Name of its GPUs. @default no GPUs, or of no known name */
  gpu?: string;
  /** GiB of one GPU, or of a pod's part of one. @default not known */
  gpuMemoryGiB?: number;
  /** Pods that take turns on one GPU; 1 on a slice. @default whole GPUs, or nobody says how many share one */
  shares?: number;
  /** Price of one node on demand in USD per hour. @default not known */
  usdPerHour?: number;
  /** Nodes at its largest. */
  maxNodes: number;
  /** Resource that pods ask for its GPUs by. @default NVIDIA's */
  resource?: string;
  /** CPU and memory that one node leaves for pods. @default not known */
  room?: NodeRoom;
  /** GiB of a node for images and the pods' own folders, where we make it. */
  scratchGiB?: number;
  /** Whether its nodes are ARM, which run images for arm64 alone. @default false */
  arm?: boolean;
  /** Machine of its nodes, where we make them. */
  machine?: string;
  /** Whether pods that name no pool may run on its nodes. @default false */
  open?: boolean;
}

/** Nodes of a cluster that belong to no pool. */
export interface OwnNodes {
  machine: string;
  /** CPU and memory that one node leaves for pods. */
  room: NodeRoom;
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
  own?: OwnNodes,
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
    const beyond = own && pool === undefined ? poolsBeyond(entry, own, known) : [];
    if (beyond.length === 1 && beyond[0] !== undefined) poolOf.set(entry, beyond[0]);
    else if (beyond.length > 1) problems.push(severalProblem(entry, own, beyond));
  }
  for (const [name, size] of Object.entries(known)) {
    const on = entries.filter((entry) => poolOf.get(entry) === name);
    problems.push(...sizeProblems(file, name, size, on));
  }
  return { poolOf, problems };
}

/** Pools that pods without GPUs may run on where none of the cluster's own nodes holds one. */
function poolsBeyond(
  { fields, demand }: Entry,
  { room }: OwnNodes,
  pools: Readonly<Record<string, PoolSize>>,
): string[] {
  if (fields.gpus > 0 || holdsOne({ gpusPerNode: 0, room }, demand)) return [];
  return Object.keys(pools)
    .filter((name) => pools[name]?.open === true && holdsOne(pools[name], demand))
    .sort();
}

function severalProblem(entry: Entry, own: OwnNodes | undefined, pools: string[]): FileProblem {
  return {
    ...entryProblem(entry, ["pool"], {
      problem: `missing: its pods are too large for the cluster's own nodes (${own?.machine}), and several pools have nodes for them`,
      allowed: pools.join(", "),
      fix: `say which, for example pool: ${pools[0]}`,
    }),
    found: "nothing",
  };
}

/** A pool that at its largest does not hold the pods that run on it. */
function sizeProblems(
  file: string,
  name: string,
  pool: PoolSize,
  entries: readonly Entry[],
): FileProblem[] {
  const { gpusPerNode, maxNodes, room } = pool;
  const counted = entries.filter(({ fields: { gpus }, demand }) =>
    // A pod that no node holds has a problem of its own.
    gpusPerNode > 0 ? gpus > 0 : holdsOne(pool, demand),
  );
  const groups = counted.map(({ demand: { gpus, cpu, memory }, count }): Replicas => ({
    ...{ gpus, cpu, memory, count },
  }));
  if (fits(pool, groups)) return [];
  const needed = nodesNeeded(pool, maxNodes, groups);
  const demand = counted.map(({ name: its, count, fields, demand: { cpu, memory } }) =>
    gpusPerNode > 0
      ? `${its} ${count} x ${fields.gpus}`
      : `${its} ${count} x ${cpu}m and ${inMebibytes(memory)}`,
  );
  const what =
    gpusPerNode > 0
      ? `pods x GPUs on nodes of ${gpusPerNode}`
      : `pods x CPU and memory on nodes of ${room?.millicores}m and ${room?.memoryMiB}Mi`;
  return [
    {
      ...{ file, path: ["pools", name, "nodes", "max"] },
      problem: "too few nodes for what runs on this pool",
      allowed: `${needed} or more, for ${what}: ${demand.join(", ")}`,
      fix: `raise it to ${needed}, or run less on it`,
    },
  ];
}

/** An amount of memory in the unit of nodes. */
export function inMebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024 ** 2)}Mi`;
}

/** Smallest number of nodes above `tooFew` that holds all replicas. */
function nodesNeeded(pool: PoolSize, tooFew: number, groups: readonly Replicas[]): number {
  let low = tooFew;
  let high = groups.reduce((sum, { count }) => sum + count, 0);
  while (high - low > 1) {
    const maxNodes = Math.floor((low + high) / 2);
    if (fits({ ...pool, maxNodes }, groups)) high = maxNodes;
    else low = maxNodes;
  }
  return high;
}
