import type { Stack } from "../stacks/stack";

/** True for a stack with a pool on the simulated nodes of `local/cluster/nodes.yaml`; no other one makes a start wait for them. */
export function usesSimulatedNodes({ cluster }: Pick<Stack, "cluster">): boolean {
  if (cluster.kind !== "existing") return false;
  return Object.values(cluster.pools).some(
    ({ select }) => select["gpu-serving/pool"] === "simulated",
  );
}
