import type { ManagedPool } from "../managed";
import { machines } from "../../../catalog/machines";
import type { Problem } from "../../problem";
import type { PreflightCluster } from "../rules/rule";

/** What keeps a pool of EKS from having EFA, AWS's network for training. */
export function efaProblem(
  { machine, network, sharing }: ManagedPool,
  { mode = "auto", region }: PreflightCluster,
): Problem | undefined {
  if (network !== "fast") return undefined;
  const at = { path: ["network"], found: JSON.stringify(network) };
  if (mode === "auto") {
    return {
      ...at,
      problem: "no EFA on Auto Mode: this program makes it for node groups",
      allowed: "compact; fast with mode nodeGroups",
      fix: "write compact, or make a cluster with mode: nodeGroups",
    };
  }
  if (/^(cn|us-gov|us-iso|eusc)/.test(region)) {
    return {
      ...at,
      problem: `no EFA in ${region}: its device plugin comes from a registry of other regions`,
      allowed: "compact",
      fix: "write compact, or choose another region",
    };
  }
  if (!machine.efa) {
    const [other] = machines
      .filter((one) => one.cloud === "eks" && one.gpu === machine.gpu && one.efa)
      .sort((a, b) => a.gpusPerNode - b.gpusPerNode);
    return {
      ...at,
      problem: `${machine.name} has no EFA`,
      allowed: "compact; fast on machines with EFA in catalog/machines/eks.ts",
      fix: other
        ? `write compact, or machine: ${other.name} for the smallest with ${machine.gpu} and EFA`
        : "write compact, or choose another machine",
    };
  }
  if (!sharing) return undefined;
  return {
    ...at,
    problem: "a network for training, where pods share GPUs",
    allowed: "compact, where GPUs are shared",
    fix: "remove sharing or network",
  };
}
