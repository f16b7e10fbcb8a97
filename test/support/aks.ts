import type { ComponentResourceOptions } from "@pulumi/pulumi";
import { cpuMachine, machine } from "../../catalog/machines";
import { AksCluster, type AksClusterArgs } from "../../components/clouds/aks/aks-cluster";
import type { AksPool } from "../../components/clouds/aks/schema";
import { deploy } from "./deploy";

/** A machine of Azure by name. */
export function aksMachine(name: string) {
  const found = machine("aks", name);
  if (!found) throw new Error(`the catalog has no machine ${name}`);
  return found;
}

/** A machine without GPUs of Azure by name. */
export function aksCpu(name = "Standard_D8s_v5") {
  const found = cpuMachine("aks", name);
  if (!found) throw new Error(`the catalog has no machine ${name}`);
  return found;
}

/** A pool of T4 machines with what matters to a test. */
export function t4Pool(pool: Partial<AksPool> = {}): AksPool {
  return {
    machine: aksMachine("Standard_NC16as_T4_v3"),
    nodes: { min: 0, max: 12 },
    capacity: [{ kind: "on-demand" }],
    ...pool,
  };
}

/** Id of a capacity reservation group. */
export const reservationGroup =
  "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/reserved/providers/Microsoft.Compute/capacityReservationGroups/t4";

/** An AKS cluster with what matters to a test. */
export function anAksCluster(
  args: Partial<AksClusterArgs> = {},
  name = "cluster",
  opts?: ComponentResourceOptions,
) {
  return new AksCluster(name, { region: "eastus", ...args }, opts);
}

/** Runs a program with one AKS cluster. */
export function deployAks(args: Partial<AksClusterArgs> = {}) {
  return deploy(() => anAksCluster(args));
}
