import type { PlacedPool } from "../cluster/cluster";
import { eligiblePools } from "../workload/scheduling";
import { fits } from "../workload/spare";
import type { Exposure } from "./exposure";

/** The plain values of a service, which decide whether it can be. */
export interface ServiceShape {
  port: number;
  gpus: number;
  pool?: string;
  replicas: number;
  startup: number;
  drain: number;
  expose: Exposure;
}

/** The pool that a service's replicas run on, and every reason why the service cannot be. */
export function serviceFaults(
  shape: ServiceShape,
  pools: Readonly<Record<string, PlacedPool>>,
): { pool?: PlacedPool; faults: string[] } {
  const { port, gpus, replicas, startup, drain, expose } = shape;
  const gpusFault = wholeNumberFault("gpus", gpus, 0, 16);
  const faults = [
    ...wholeNumberFault("port", port, 1, 65535),
    ...gpusFault,
    ...wholeNumberFault("replicas", replicas, 1, 5000),
    ...wholeNumberFault("startup", startup, 1, 12 * 3600),
    ...wholeNumberFault("drain", drain, 0, 3600),
    ...exposureFaults(expose),
  ];
  // A wrong number of GPUs says nothing about pools.
  if (gpusFault.length > 0 || (gpus === 0 && shape.pool === undefined)) return { faults };

  const eligible = eligiblePools(pools, gpus);
  const name = shape.pool ?? (eligible.length === 1 ? eligible[0] : undefined);
  const pool = name === undefined ? undefined : pools[name];
  const candidates = eligible.join(", ") || "none on this cluster";
  if (!pool) {
    const got = shape.pool === undefined ? "none" : `"${shape.pool}"`;
    const which =
      gpus === 0 ? "a pool of the cluster" : `a pool with ${gpus} GPUs or more in a node`;
    faults.push(`pool must name ${which} (${candidates}), got ${got}`);
  } else if (pool.gpusPerNode < gpus) {
    faults.push(
      `gpus must be at most the ${pool.gpusPerNode} of a node in pool ${pool.name}, got ${gpus}; pools with enough: ${candidates}`,
    );
  } else if (gpus > 0 && faults.length === 0 && !fits(pool, [{ gpus, count: replicas }])) {
    faults.push(
      `replicas must fit pool ${pool.name} of at most ${pool.maxNodes} nodes with ${pool.gpusPerNode} GPUs each, got ${replicas} of ${gpus} GPUs`,
    );
  }
  return { pool, faults };
}

function wholeNumberFault(field: string, value: number, least: number, most: number): string[] {
  if (Number.isInteger(value) && value >= least && value <= most) return [];
  return [`${field} must be a whole number from ${least} to ${most}, got ${value}`];
}

function exposureFaults({ scope = "cluster", allow = [] }: Exposure): string[] {
  if (scope === "cluster" && allow.length > 0) {
    return [
      `expose.allow limits a load balancer, got scope "cluster": set scope to "internal" or "public", or remove allow`,
    ];
  }
  const everyone = allow.find((range) => range.endsWith("/0"));
  if (scope === "public" && (everyone !== undefined || allow.length === 0)) {
    return [
      `expose.allow must list who may connect to a public service, such as "203.0.113.0/24", got ${everyone ?? "nothing"}`,
    ];
  }
  return [];
}
