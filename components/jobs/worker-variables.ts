import type { core } from "@pulumi/kubernetes/types/input";

/** Letters of an entry: a worker's host name has 63, of which a run takes 11 and the worker up to 4. */
export const longestName = 48;

/** Exit code of a worker that stops because another one is gone; as in launcher.py. */
export const restartCode = 75;

/** Port of worker 0 for the program's own rendezvous: PyTorch's default. */
const masterPort = "29500";

/** Port of worker 0 at which the group is kept. */
export const groupPort = 29499;

/** Ports that nothing else in the pods of several workers can have: those of worker 0. */
export function portsOfWorkers(workers: number): Map<number, string> {
  return new Map(
    workers > 1 ? [Number(masterPort), groupPort].map((port) => [port, "the workers"]) : [],
  );
}

/** Folder of what starts the workers. */
export const launcherFolder = "/run/gpu-serving";

const label = (of: string) => ({
  fieldRef: { fieldPath: `metadata.labels['batch.kubernetes.io/${of}']` },
});

/**
 * What tells a worker who it is and where worker 0 is. `PET_...` are the options of torchrun (torch/distributed/run.py reads
 * each from there); a program without torchrun takes `RANK`, `WORLD_SIZE`, `MASTER_ADDR` and `MASTER_PORT`.
 */
export function workerVariables(
  name: string,
  workers: number,
  gpus: number,
): (core.v1.EnvVar & { name: string })[] {
  const index = label("job-completion-index");
  return [
    // Runs of one entry have different names: those of a schedule, and one started by hand.
    { name: "JOB_NAME", valueFrom: label("job-name") },
    { name: "RUN_ID", valueFrom: label("controller-uid") },
    { name: "NODE_RANK", valueFrom: index },
    { name: "RANK", valueFrom: index },
    { name: "WORLD_SIZE", value: String(workers) },
    { name: "MASTER_ADDR", value: `$(JOB_NAME)-0.${name}` },
    { name: "MASTER_PORT", value: masterPort },
    { name: "PET_NNODES", value: String(workers) },
    { name: "PET_NPROC_PER_NODE", value: String(Math.max(1, gpus)) },
    { name: "PET_NODE_RANK", valueFrom: index },
    { name: "PET_MASTER_ADDR", value: "$(MASTER_ADDR)" },
    { name: "PET_MASTER_PORT", value: masterPort },
    { name: "PET_RDZV_ENDPOINT", value: `$(MASTER_ADDR):${masterPort}` },
    { name: "PET_RDZV_ID", value: "$(RUN_ID)" },
  ];
}

/** Variables of each of several workers. */
export const groupVariables: readonly string[] = workerVariables("", 1, 0).map(({ name }) => name);

/** Those that an entry cannot set itself; processes per worker it can. */
export const ownVariables = groupVariables.filter((name) => name !== "PET_NPROC_PER_NODE");
