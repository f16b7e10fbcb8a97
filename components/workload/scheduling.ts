import type { PlacedPool } from "../cluster/cluster";

/** Seconds until a pod of a pool has a node: an autoscaler gives a rung up only after its whole time (kubernetes/autoscaler#2075). */
export function provisioningTime(pool: Pick<PlacedPool, "rungs"> | undefined): number {
  return pool?.rungs.reduce((sum, { provisionTime }) => sum + provisionTime, 0) ?? 0;
}

/** Names of the pools that give one pod the GPUs it asks for. */
export function eligiblePools(
  pools: Readonly<Record<string, Pick<PlacedPool, "gpusPerPod">>>,
  gpus: number,
): string[] {
  return Object.keys(pools).filter((name) => (pools[name]?.gpusPerPod ?? 0) >= gpus);
}
