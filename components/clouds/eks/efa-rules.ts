import type { ManagedPool } from "../managed";
import { machines } from "../../../catalog/machines";
import type { Finding, PreflightCluster } from "../rules/rule";

/** What keeps a pool of EKS from having EFA, AWS's network for training. */
export function efaFinding(
  { mode = "auto", region }: PreflightCluster,
  name: string,
  { machine, network, sharing }: ManagedPool,
): Finding | undefined {
  if (network !== "fast") return undefined;
  const at = { path: ["pools", name, "network"], found: JSON.stringify(network) };
  if (mode === "auto") {
    return {
      ...at,
      what: "no EFA on Auto Mode: this program makes it for node groups",
      allowed: "compact; fast with mode nodeGroups",
      remedy: "write compact, or make a cluster with mode: nodeGroups",
    };
  }
  if (/^(cn|us-gov|us-iso|eusc)/.test(region)) {
    return {
      ...at,
      what: `no EFA in ${region}: its device plugin comes from a registry of other regions`,
      allowed: "compact",
      remedy: "write compact, or choose another region",
    };
  }
  if (!machine.efa) {
    const [other] = machines
      .filter((one) => one.cloud === "eks" && one.gpu === machine.gpu && one.efa)
      .sort((a, b) => a.gpusPerNode - b.gpusPerNode);
    return {
      ...at,
      what: `${machine.name} has no EFA`,
      allowed: "compact; fast on machines with EFA in catalog/machines/eks.ts",
      remedy: other
        ? `write compact, or machine: ${other.name} for the smallest with ${machine.gpu} and EFA`
        : "write compact, or choose another machine",
    };
  }
  if (!sharing) return undefined;
  return {
    ...at,
    what: "a network for training, where pods share GPUs",
    allowed: "compact, where GPUs are shared",
    remedy: "remove sharing or network",
  };
}
