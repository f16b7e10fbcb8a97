import type { PlacedPool } from "../cluster/cluster";
import { eligiblePools } from "./scheduling";
import { fits } from "./spare";

/** What a workload asks of a pool, in plain values. */
export interface PoolDemand {
  /** GPUs of one pod. */
  gpus: number;
  /** Pool it names. */
  pool?: string;
  /** Pods that run at the same time, and what the arguments call them. */
  pods: { field: string; count: number };
}

/** The pool that a workload's pods run on, and every reason why there is none. */
export function placementFaults(
  { gpus, pool: wanted, pods }: PoolDemand,
  pools: Readonly<Record<string, PlacedPool>>,
): { pool?: PlacedPool; faults: string[] } {
  const faults = wholeNumberFault("gpus", gpus, 0, 16);
  // A wrong number of GPUs says nothing about pools.
  if (faults.length > 0 || (gpus === 0 && wanted === undefined)) return { faults };

  const eligible = eligiblePools(pools, gpus);
  const name = wanted ?? (eligible.length === 1 ? eligible[0] : undefined);
  const pool = name === undefined ? undefined : pools[name];
  const candidates = eligible.join(", ") || "none on this cluster";
  if (!pool) {
    const got = wanted === undefined ? "none" : `"${wanted}"`;
    const which =
      gpus === 0 ? "a pool of the cluster" : `a pool with ${gpus} GPUs or more in a node`;
    faults.push(`pool must name ${which} (${candidates}), got ${got}`);
  } else if (pool.gpusPerPod < gpus && pool.gpusPerPod < pool.gpusPerNode) {
    faults.push(
      `gpus must be at most ${pool.gpusPerPod} in pool ${pool.name}, whose pods share GPUs and cannot join two shares into one, got ${gpus}; pools with enough: ${candidates}`,
    );
  } else if (pool.gpusPerNode < gpus) {
    faults.push(
      `gpus must be at most the ${pool.gpusPerNode} of a node in pool ${pool.name}, got ${gpus}; pools with enough: ${candidates}`,
    );
  } else if (
    gpus > 0 &&
    Number.isInteger(pods.count) &&
    pods.count <= 5000 &&
    !fits(pool, [{ gpus, count: pods.count }])
  ) {
    faults.push(
      `${pods.field} must fit pool ${pool.name} of at most ${pool.maxNodes} nodes with ${pool.gpusPerNode} GPUs each, got ${pods.count} of ${gpus} GPUs`,
    );
  }
  return { pool, faults };
}

/** Why a number cannot be, unless it is a whole one within the bounds. */
export function wholeNumberFault(
  field: string,
  value: number,
  least: number,
  most: number,
): string[] {
  if (Number.isInteger(value) && value >= least && value <= most) return [];
  return [`${field} must be a whole number from ${least} to ${most}, got ${value}`];
}
