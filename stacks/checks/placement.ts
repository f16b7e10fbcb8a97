import { fits, type Replicas } from "../../components/workload/spare";
import { entryFault, podsOf, type Entry } from "./entry";
import { isMap } from "../lookup";
import { shown, type Fault } from "../faults";
import type { Salvaged } from "./salvage";
import { nearest } from "../spelling";

/** What a pool has room for, as far as that can be read. */
export interface PoolRoom {
  /** GPUs that one node offers. @default 1 */
  gpusPerNode?: number;
  /** GPUs that one pod may take. @default those of a node */
  gpusPerPod?: number;
  /** Size of the pool. */
  nodes?: { max: number };
}

/** Pools of the stack file, as far as they can be read. */
export type Pools = Map<string, Salvaged<PoolRoom>>;

/** Which pool each service's replicas run on, and what is wrong with that. */
export interface Placement {
  /** Name of the pool, for services that run on one. */
  poolOf: Map<Entry, string>;
  /** What is wrong. */
  faults: Fault[];
}

/** Finds the pool of each service and whether the pools hold all replicas. */
export function placeOnPools(
  file: string,
  raw: unknown,
  pools: Pools,
  entries: Entry[],
): Placement {
  const placement: Placement = { poolOf: new Map(), faults: [] };
  if (raw !== undefined && !isMap(raw)) return placement;
  const names = Object.keys(raw ?? {});
  for (const entry of entries) {
    const choice = choose(entry, names, pools);
    if (typeof choice === "string") placement.poolOf.set(entry, choice);
    else if (choice) placement.faults.push(choice);
  }
  for (const [name, pool] of pools) {
    const on = entries.filter((entry) => placement.poolOf.get(entry) === name);
    placement.faults.push(...capacityFaults(file, name, pool, on));
  }
  return placement;
}

/** Name of the entry's pool, why it has none, or neither where it needs none or nothing can be told. */
function choose(entry: Entry, names: string[], pools: Pools): string | Fault | undefined {
  const { pool, gpus = 0 } = entry.fields;
  if (entry.broken.has("pool") || entry.broken.has("gpus")) return undefined;
  if (pool !== undefined) return named(entry, pool, names, pools);
  if (gpus === 0) return undefined;
  if (names.some((name) => !pools.has(name) || pools.get(name)?.broken.has("gpusPerNode")))
    return undefined;
  const enough = names.filter((name) => gpusPerPod(pools, name) >= gpus);
  const [only, ...others] = enough;
  if (only !== undefined && others.length === 0) return only;
  if (only !== undefined) {
    return entryFault(entry, ["pool"], {
      what: "missing",
      allowed: enough.join(", "),
      remedy: `several pools have enough GPUs on a node; say which, for example pool: ${only}`,
    });
  }
  const most = Math.max(0, ...names.map((name) => gpusPerPod(pools, name)));
  const shared = names.filter((name) => (pools.get(name)?.fields.gpusPerNode ?? 1) >= gpus);
  if (shared.length > 0) {
    return entryFault(entry, ["gpus"], {
      what: `more GPUs than any pool gives one pod: those of ${shared.join(", ")} are shared`,
      allowed: `a whole number from 0 to ${most}`,
      remedy: `lower it to ${most}, or declare a pool without sharing`,
    });
  }
  return entryFault(entry, ["gpus"], {
    what: names.length === 0 ? "no pool declared" : "more GPUs than a node of any pool has",
    allowed: names.length === 0 ? "0 while there are no pools" : `a whole number from 0 to ${most}`,
    remedy:
      names.length === 0
        ? "declare a pool of GPU nodes under pools in the stack file"
        : `lower it, or declare a pool with gpusPerNode: ${gpus}`,
  });
}

function gpusPerPod(pools: Pools, name: string): number {
  const fields = pools.get(name)?.fields;
  return fields?.gpusPerPod ?? fields?.gpusPerNode ?? 1;
}

function named(
  entry: Entry,
  pool: string,
  names: string[],
  pools: Pools,
): string | Fault | undefined {
  if (!names.includes(pool)) {
    const meant = nearest(pool, names);
    return entryFault(entry, ["pool"], {
      what: "not a declared pool",
      allowed: names.length > 0 ? names.join(", ") : "none: no pools are declared",
      remedy: meant
        ? `did you mean "${meant}"?`
        : "choose a declared pool, or declare it under pools in the stack file",
    });
  }
  const salvaged = pools.get(pool);
  if (!salvaged || salvaged.broken.has("gpusPerNode")) return undefined;
  const most = gpusPerPod(pools, pool);
  if ((entry.fields.gpus ?? 0) <= most) return pool;
  if (most < (salvaged.fields.gpusPerNode ?? 1)) {
    return entryFault(entry, ["gpus"], {
      what: `pool ${pool} shares its GPUs, and a pod cannot join two shares into one`,
      allowed: `0 or ${most}`,
      remedy: `lower it to ${most}, or choose a pool without sharing`,
    });
  }
  return entryFault(entry, ["gpus"], {
    what: `more GPUs than a node of pool ${pool} has`,
    allowed: `a whole number from 0 to ${most}`,
    remedy: `lower it, choose another pool, or raise pools.${pool}.gpusPerNode if its nodes have more`,
  });
}

/** A pool that at its largest does not hold the replicas that run on it. */
function capacityFaults(
  file: string,
  name: string,
  { fields, broken }: Salvaged<PoolRoom>,
  entries: Entry[],
): Fault[] {
  const maxNodes = fields.nodes?.max;
  if (maxNodes === undefined || broken.has("gpusPerNode")) return [];
  const gpusPerNode = fields.gpusPerNode ?? 1;
  const counted = entries.filter(({ fields: { gpus = 0 } }) => gpus > 0);
  // Replicas that were refused count once: there will be at least one.
  const groups = counted.map((entry): Replicas => ({
    gpus: entry.fields.gpus ?? 0,
    count: podsOf(entry),
  }));
  if (fits({ maxNodes, gpusPerNode }, groups)) return [];
  const needed = nodesNeeded(gpusPerNode, maxNodes, groups);
  const demand = counted.map(
    (entry) => `${entry.name} ${podsOf(entry)} x ${entry.fields.gpus ?? 0}`,
  );
  return [
    {
      file,
      at: ["pools", name, "nodes", "max"],
      what: "too few nodes for what runs on this pool",
      found: shown(maxNodes),
      allowed: `${needed} or more, for pods x GPUs on nodes of ${gpusPerNode}: ${demand.join(", ")}`,
      remedy: `raise it to ${needed}, or run less on it`,
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
