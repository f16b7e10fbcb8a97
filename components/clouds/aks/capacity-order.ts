import { stringify } from "yaml";
import type { ManagedPool } from "../managed";
import { agentPoolName } from "./names";

/**
 * Priorities of the cluster autoscaler's priority expander: of all agent pools that could take a pending pod the one with the
 * highest number grows, so each pool's first capacity type comes first. AKS names scale sets `aks-<agent pool>-<number>-vmss`.
 */
export function orderPriorities(pools: Readonly<Record<string, ManagedPool>>): string {
  const longest = Math.max(0, ...Object.values(pools).map(({ capacity }) => capacity.length));
  const steps = Array.from({ length: longest }, (_, at): [number, string[]] => [
    longest + 1 - at,
    Object.entries(pools).flatMap(([name, pool]) => {
      const type = pool.capacity[at];
      return type ? [`^aks-${agentPoolName(name, pool, type)}-.*`] : [];
    }),
  ]);
  // Numbers as keys: the autoscaler does not read quoted ones. What no line names would never grow.
  return stringify(new Map([...steps, [1, [".*"]]]));
}
