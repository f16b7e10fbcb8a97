import type { ManagedPool } from "../managed";
import type { Finding } from "./rule";

/** What is wrong with the numbers of a pool's node range, one by one. */
export function nodeRangeFinding(
  pool: string,
  { nodes: { min, max } }: Pick<ManagedPool, "nodes">,
): Finding | undefined {
  if (Number.isInteger(min) && Number.isInteger(max) && min >= 0 && max >= 1) return undefined;
  return {
    path: ["pools", pool, "nodes"],
    what: "not a range of nodes",
    found: `min ${min}, max ${max}`,
    allowed: "whole numbers, min from 0 and max from 1",
    remedy: "mend min and max",
  };
}
