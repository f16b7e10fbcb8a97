/** Pools of a cluster that is there already, by name. */
type DescribedPools = Readonly<Record<string, { select: Readonly<Record<string, string>> }>>;

/** True for pools on the simulated nodes of `local/cluster/nodes.yaml`; without them no start waits for these. */
export function usesSimulatedNodes(pools: DescribedPools): boolean {
  return Object.values(pools).some(({ select }) => select["gpu-serving/pool"] === "simulated");
}
