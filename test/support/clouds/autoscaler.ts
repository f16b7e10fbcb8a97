import type { Values } from "./kind";

/** Where each cloud keeps the number of nodes of a pool. */
export const nodeCounts: Record<string, (pool: Values, nodes: number) => void> = {
  "gcp:container/nodePool:NodePool": (pool, nodes) => (pool.nodeCount = nodes),
  "aws:eks/nodeGroup:NodeGroup": (pool, nodes) => {
    pool.scalingConfig = { ...(pool.scalingConfig as Values), desiredSize: nodes };
  },
  "azure-native:containerservice:AgentPool": (pool, nodes) => (pool.count = nodes),
};
