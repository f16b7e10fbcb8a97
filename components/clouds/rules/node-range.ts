import type { ManagedPool } from "../managed";
import type { Problem } from "../../problem";

/** What is wrong with the numbers of a pool's node range, one by one. */
export function nodeRangeProblem(
  pool: string,
  { nodes: { min, max } }: Pick<ManagedPool, "nodes">,
): Problem | undefined {
  if (Number.isInteger(min) && Number.isInteger(max) && min >= 0 && max >= 1) return undefined;
  return {
    path: ["pools", pool, "nodes"],
    problem: "not a range of nodes",
    found: `min ${min}, max ${max}`,
    allowed: "whole numbers, min from 0 and max from 1",
    fix: "mend min and max",
  };
}
