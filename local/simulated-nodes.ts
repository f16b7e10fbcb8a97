/** As much of a stack's cluster as says which nodes its pools select. */
interface WithPools {
  cluster: { pools: Record<string, { select?: Record<string, string> }> };
}

/** True for a stack with a pool on the simulated nodes of `local/cluster/nodes.yaml`; no other one makes a start wait for them. */
export function usesSimulatedNodes({ cluster }: WithPools): boolean {
  return Object.values(cluster.pools).some(
    ({ select }) => select?.["gpu-serving/pool"] === "simulated",
  );
}
