import type { ManagedPool } from "../managed";
import type { Problem } from "../../problem";
import { limits } from "./limits";
import type { PreflightCluster } from "./rule";

/** Why a pool cannot have its machines' network for training on this cloud. */
export function trainingNetworkProblem(
  { kind }: PreflightCluster,
  name: string,
  { network }: ManagedPool,
): Problem | undefined {
  const { noTrainingNetwork } = limits[kind];
  if (network !== "fast" || noTrainingNetwork === undefined) return undefined;
  return {
    path: ["pools", name, "network"],
    problem: noTrainingNetwork,
    found: JSON.stringify(network),
    allowed: "compact",
    fix: "write compact, or make such a pool yourself, and describe its cluster as kind: existing with interconnect",
  };
}
