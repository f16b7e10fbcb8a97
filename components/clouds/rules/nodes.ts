import type { ManagedPool } from "../managed";
import type { Problem } from "../../problem";
import { limits } from "./limits";
import type { PreflightCluster } from "./rule";

/** What is wrong with the numbers of a pool's nodes. */
export function nodeRangeProblem(
  name: string,
  { nodes: { min, max } }: Pick<ManagedPool, "nodes">,
): Problem | undefined {
  const path = ["pools", name, "nodes"];
  if (!Number.isInteger(min) || !Number.isInteger(max) || min < 0 || max < 1) {
    return {
      path,
      problem: "not a range of nodes",
      found: `min ${min}, max ${max}`,
      allowed: "whole numbers, min from 0 and max from 1",
      fix: "correct min and max",
    };
  }
  if (min <= max) return undefined;
  return {
    path: [...path, "min"],
    problem: "greater than max",
    found: String(min),
    allowed: `a whole number from 0 to ${max}, the pool's max`,
    fix: `lower min to ${max}, or raise max to ${min}`,
  };
}

/** Smallest disk in GiB that holds the system and the unpacked image of a usual engine. */
const smallestDisk = 100;

/** What is wrong with the disk of a pool's nodes. */
export function diskProblem(
  cluster: PreflightCluster,
  name: string,
  { diskGiB = smallestDisk }: ManagedPool,
): Problem | undefined {
  const largest = limits[cluster.kind].largestDiskGiB(cluster);
  if (diskGiB >= smallestDisk && diskGiB <= largest) return undefined;
  const small = diskGiB < smallestDisk;
  return {
    path: ["pools", name, "disk"],
    problem: small
      ? "too small for the system and one unpacked image"
      : "larger than any disk of a node",
    found: `${diskGiB}Gi`,
    allowed: small
      ? `${smallestDisk}Gi or more, and what the weights need`
      : `${smallestDisk}Gi to ${largest}Gi`,
    fix: small
      ? "write 200Gi, or remove the key for the default"
      : "remove the key for the default, or keep the weights on a volume",
  };
}
