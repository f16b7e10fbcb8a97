import { ConfigMap, Service } from "@pulumi/kubernetes/core/v1";
import type { batch, core } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { PlacedPool } from "../cluster/cluster";
import { objectLabels, selectorLabels } from "../workload/labels";
import type { PodExtras } from "../workload/pod";
import { resources } from "../workload/resources";
import { provisioningTime } from "../workload/scheduling";
import { ownVolume } from "../workload/volumes";
import type { WorkloadArgs } from "../workload/workload";
import { networkShare } from "./network-share";
import { groupPort, launcherFolder, restartCode, workerVariables } from "./worker-variables";

/** A workload whose pods work together. */
export type WorkerGroupArgs = WorkloadArgs & {
  /** Pods that run at the same time, at least two. */
  workers: number;
  /** Seconds a run may take from its creation to its end. */
  timeout: number;
};

/** What the spec of a job and its pods have because several workers run in it. */
export interface WorkerGroup {
  /** Of the job. */
  job: Pick<batch.v1.JobSpec, "completionMode" | "completions" | "parallelism" | "successPolicy">;
  /** Which failures the job does not count. */
  ignored: batch.v1.PodFailurePolicyRule[];
  /** Of its pods. */
  pods: Required<Pick<PodExtras, "main" | "variables" | "folders">> & Pick<PodExtras, "spec">;
}

/** Makes the name that workers find each other by and what starts them together; needs `python3` in the image. */
export function workerGroup(
  name: string,
  args: WorkerGroupArgs,
  pool: PlacedPool | undefined,
  child: pulumi.CustomResourceOptions,
): WorkerGroup {
  const { namespace, workers, command = [], args: words = [], gpus = 0, env = {} } = args;
  const service = workersService(name, namespace, child);
  const launcher = launcherFiles(name, namespace, child);
  return {
    job: {
      completionMode: "Indexed",
      completions: workers,
      parallelism: workers,
      // Worker 0 succeeds when all have. Who is restarted after that has nobody left to work with.
      successPolicy: { rules: [{ succeededIndexes: "0" }] },
    },
    ignored: [restarts(args.container ?? name)],
    pods: {
      spec: {
        subdomain: service.metadata.name,
        affinity: together(name, pool?.interconnect?.within),
      },
      variables: workerVariables({ name, workers, gpus }).filter(
        (variable) => !(variable.name in env),
      ),
      folders: [
        {
          path: launcherFolder,
          volume: { name: ownVolume("launcher"), configMap: { name: launcher.metadata.name } },
        },
        ...("/dev/shm" in (args.mounts ?? {}) ? [] : [sharedMemory]),
      ],
      main: {
        resources: resources(args, fastNetwork(gpus, pool)),
        command: launch(args, pool),
        args: [...command, ...words],
      },
    },
  };
}

/** Makes the Service by whose name workers find each other. */
function workersService(
  name: string,
  namespace: pulumi.Input<string>,
  child: pulumi.CustomResourceOptions,
): Service {
  return new Service(
    `${name}-workers`,
    {
      metadata: {
        ...{ name, namespace, labels: objectLabels(name) },
        // It has no pods until the job is there.
        annotations: { "pulumi.com/skipAwait": "true" },
      },
      spec: {
        clusterIP: "None",
        selector: selectorLabels(name),
        // Workers look for each other before they are ready.
        publishNotReadyAddresses: true,
      },
    },
    child,
  );
}

/** Makes the ConfigMap with the program that starts the workers together. */
function launcherFiles(
  name: string,
  namespace: pulumi.Input<string>,
  child: pulumi.CustomResourceOptions,
): ConfigMap {
  return new ConfigMap(
    `${name}-launcher`,
    {
      // Always of one name: a new version must not take it from the workers of a run that goes on.
      metadata: { name: `${name}-launcher`, namespace, labels: objectLabels(name) },
      data: { "launcher.py": readFileSync(join(__dirname, "launcher.py"), "utf8") },
    },
    child,
  );
}

/** A job does not count the failure of a worker that stops because another one is gone. */
function restarts(containerName: string): batch.v1.PodFailurePolicyRule {
  return {
    action: "Ignore",
    onExitCodes: { containerName, operator: "In", values: [restartCode] },
  };
}

/** NCCL and data loaders pass data through it; containers get 64 MiB. What is in it counts as the pod's memory. */
const sharedMemory = {
  path: "/dev/shm",
  volume: { name: ownVolume("shm"), emptyDir: { medium: "Memory" } },
};

/** Command line of a worker up to its own command. */
function launch(args: WorkerGroupArgs, pool: PlacedPool | undefined): string[] {
  return [
    ...["python3", `${launcherFolder}/launcher.py`, "--run=$(RUN_ID)", "--index=$(NODE_RANK)"],
    ...[`--workers=${args.workers}`, "--host=$(MASTER_ADDR)", `--port=${groupPort}`],
    `--patience=${patience(args, pool)}`,
    "--",
  ];
}

/** Seconds from the first worker on to the last: GPUs that wait cost as much as those that work. */
function patience({ timeout }: WorkerGroupArgs, pool?: PlacedPool): number {
  return Math.min(timeout, provisioningTime(pool) + pull);
}

/** Seconds for the pull of a large image, and for nodes that other jobs hold for a moment longer. */
const pull = 1800;

/** Near to each other: where nothing says that nodes carry a label of it, in one zone as far as there is room. */
function together(name: string, within?: string): core.v1.Affinity {
  const near: core.v1.PodAffinityTerm = {
    topologyKey: within ?? "topology.kubernetes.io/zone",
    labelSelector: { matchLabels: selectorLabels(name) },
    matchLabelKeys: ["batch.kubernetes.io/controller-uid"],
  };
  if (within) return { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [near] } };
  return {
    podAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: near }],
    },
  };
}

/** The share of a node's fast network that goes with a worker's share of its GPUs. */
function fastNetwork(gpus: number, pool?: PlacedPool): Record<string, string> {
  if (!pool || gpus === 0) return {};
  return Object.fromEntries(
    Object.entries(pool.interconnect?.resources ?? {}).map(([resource, ofNode]) => [
      resource,
      String(networkShare(ofNode, gpus, pool.gpusPerNode)),
    ]),
  );
}
