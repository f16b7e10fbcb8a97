import type { SystemPool } from "../managed";
import type { EksMode } from "./mode";
import { shares } from "./zones";

/** Nodes that an update of a node group adds in each of its zones (docs/facts.md 3.42). */
const updateSurge = 2;

/** Nodes that a renewal adds to a pool without GPUs: those of a node group's update, or the one that takes a static node's place. */
export function surgeIn(mode: EksMode, zones: readonly string[]): number {
  return mode === "nodeGroups" ? updateSurge * zones.length : 1;
}

/** Most nodes of its own that a cluster has while all of them are renewed. */
export function mostSystemNodes(
  mode: EksMode,
  zones: readonly string[],
  { min, max }: Required<SystemPool>["nodes"],
): number {
  if (mode === "nodeGroups") return max + surgeIn(mode, zones);
  // Auto Mode adds one to the nodes that always run in a zone; those that come and go stay within their limit.
  return max + shares(min, zones).filter(({ nodes }) => nodes > 0).length;
}
