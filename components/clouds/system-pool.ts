import { systemMachines } from "../../catalog/cpu-nodes";
import type { ManagedCloud } from "../../catalog/machines";
import type { SystemPool } from "./managed";

/**
 * The cluster's own nodes, unless said otherwise: as many as must always run, so that one can fail or be replaced, and room for the
 * controllers of a large cluster. On AKS the cluster's own pods have nodes besides (docs/facts.md 11.4).
 */
export const systemNodes: Readonly<Record<ManagedCloud, { min: number; max: number }>> = {
  gke: { min: 2, max: 6 },
  eks: { min: 2, max: 10 },
  aks: { min: 1, max: 10 },
};

/** The cluster's own nodes, with what holds where nothing is said. */
export function systemPoolOf(
  cloud: ManagedCloud,
  { machine, nodes }: SystemPool = {},
): Required<SystemPool> {
  return { machine: machine ?? systemMachines[cloud], nodes: nodes ?? systemNodes[cloud] };
}
