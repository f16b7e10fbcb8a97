import { cpuMachine, machine } from "../../catalog/machines";
import { GkeCluster, type GkeClusterArgs } from "../../components/clouds/gke/gke-cluster";
import type { GkePool } from "../../components/clouds/gke/schema";
import { deploy } from "./deploy";

/** A machine of Google Cloud by name. */
export function gkeMachine(name: string) {
  const found = machine("gke", name);
  if (!found) throw new Error(`the catalog has no machine ${name}`);
  return found;
}

/** A machine without GPUs of Google Cloud by name. */
export function gkeCpu(name = "e2-standard-8") {
  const found = cpuMachine("gke", name);
  if (!found) throw new Error(`the catalog has no machine ${name}`);
  return found;
}

/** A pool of L4 machines with what matters to a test. */
export function l4Pool(pool: Partial<GkePool> = {}): GkePool {
  return {
    machine: gkeMachine("g2-standard-12"),
    nodes: { min: 0, max: 12 },
    capacity: [{ kind: "on-demand" }],
    ...pool,
  };
}

/** A GKE cluster with what matters to a test. */
export function aGkeCluster(args: Partial<GkeClusterArgs> = {}, name = "cluster") {
  return new GkeCluster(name, { project: "acme-ml", region: "us-central1", ...args });
}

/** Runs a program with one GKE cluster. */
export function deployGke(args: Partial<GkeClusterArgs> = {}) {
  return deploy(() => aGkeCluster(args));
}
