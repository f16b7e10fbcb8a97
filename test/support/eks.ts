import { cpuMachine, machine } from "../../catalog/machines";
import { EksCluster, type EksClusterArgs } from "../../components/clouds/eks/eks-cluster";
import type { EksPool } from "../../components/clouds/eks/schema";
import { deploy, type Recorded } from "./deploy";

/** A machine of AWS by name. */
export function eksMachine(name: string) {
  const found = machine("eks", name);
  if (!found) throw new Error(`the catalog has no machine ${name}`);
  return found;
}

/** A machine without GPUs of AWS by name. */
export function eksCpu(name = "m7i.2xlarge") {
  const found = cpuMachine("eks", name);
  if (!found) throw new Error(`the catalog has no machine ${name}`);
  return found;
}

/** A pool of machines with one L4, with what matters to a test. */
export function eksPool(pool: Partial<EksPool> = {}): EksPool {
  return {
    machine: eksMachine("g6.2xlarge"),
    nodes: { min: 0, max: 12 },
    capacity: [{ kind: "on-demand" }],
    ...pool,
  };
}

/** An EKS cluster with what matters to a test. */
export function anEksCluster(args: Partial<EksClusterArgs> = {}, name = "cluster") {
  return new EksCluster(name, { region: "us-east-1", access: ["203.0.113.0/24"], ...args });
}

/** Runs a program with one EKS cluster. */
export function deployEks(args: Partial<EksClusterArgs> = {}) {
  return deploy(() => anEksCluster(args));
}

/** All resources of a type, in the order of registration. */
export function allOf({ resources }: { resources: Recorded[] }, type: string): Recorded[] {
  return resources.filter((one) => one.type === type);
}
