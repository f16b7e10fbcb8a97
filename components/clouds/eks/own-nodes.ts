import { cpuNodes } from "../../../catalog/cpu-nodes";
import type { EksMode } from "./mode";
import { shares } from "./zones";

/** Machine of nodes without GPUs, unless said otherwise. */
export const systemMachine = cpuNodes.eks.machine;

/** Nodes without GPUs, unless said otherwise: two with what the cluster itself runs, so that one can be replaced. */
export const systemNodes = { min: 2, max: 10 };

/** Nodes that an update of a node group adds in each of its zones (docs/facts.md 3.42). */
const updateSurge = 2;

/** Most nodes without GPUs that a cluster has while all of them are renewed. */
export function mostSystemNodes(mode: EksMode, zones: readonly string[]): number {
  const { min, max } = systemNodes;
  if (mode === "nodeGroups") return max + updateSurge * zones.length;
  // Auto Mode adds one to the nodes that always run in a zone; those that come and go stay within their limit.
  return max + shares(min, zones).filter(({ nodes }) => nodes > 0).length;
}
