import type { PlacedPool } from "../cluster/cluster";
import { placementFaults, wholeNumberFault } from "../workload/placement-faults";
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
  const placement = placementFaults(
    { gpus, pool: shape.pool, pods: { field: "replicas", count: replicas } },
    pools,
  );
  const faults = [
    ...wholeNumberFault("port", port, 1, 65535),
    ...wholeNumberFault("replicas", replicas, 1, 5000),
    ...wholeNumberFault("startup", startup, 1, 12 * 3600),
    ...wholeNumberFault("drain", drain, 0, 3600),
    ...exposureFaults(expose),
    ...placement.faults,
  ];
  return { pool: placement.pool, faults };
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
