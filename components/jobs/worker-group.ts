import { ConfigMap, Service } from "@pulumi/kubernetes/core/v1";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { PlacedPool } from "../cluster/cluster";
import { resources } from "../workload/container";
import { fastNetwork, together } from "../workload/interconnect";
import { metadataOf, selectorLabels, type Owner } from "../workload/labels";
import { gpuDevices, provisioningTime } from "../workload/scheduling";
import { ownVolume } from "../workload/volumes";
import type { JobRunArgs } from "./job-problems";
import { groupPort, launcherFolder, restartCode, workerVariables } from "./worker-variables";

/** Label that the pods of one run share. */
const runLabel = "batch.kubernetes.io/controller-uid";

/** Arguments of a run, with what several workers need in writing. */
type WorkerGroupArgs = JobRunArgs & Required<Pick<JobRunArgs, "workers" | "timeout">>;

/**
 * Makes the name that workers find each other by and what starts them together, and says what the spec of their job, the failures
 * that it does not count and their pods have for it. The image needs `python3`.
 */
export function workerGroup(owner: Owner, args: WorkerGroupArgs, pool: PlacedPool | undefined) {
  const { entry, child } = owner;
  const { workers, command = [], args: words = [], gpus = 0, env = {} } = args;
  const service = new Service(
    `${entry}-workers`,
    {
      metadata: {
        ...metadataOf(owner),
        // It has no pods until the job is there.
        annotations: { "pulumi.com/skipAwait": "true" },
      },
      spec: {
        clusterIP: "None",
        selector: selectorLabels(entry),
        // Workers look for each other before they are ready.
        publishNotReadyAddresses: true,
      },
    },
    child,
  );
  const launcher = new ConfigMap(
    `${entry}-launcher`,
    {
      // Always of one name: a new version must not take it from the workers of a run that goes on.
      metadata: metadataOf(owner, `${entry}-launcher`),
      data: { "launcher.py": readFileSync(join(__dirname, "launcher.py"), "utf8") },
    },
    child,
  );
  const configMap = { name: launcher.metadata.name };
  const restarted = { operator: "In", values: [restartCode] };
  return {
    job: {
      completionMode: "Indexed",
      completions: workers,
      parallelism: workers,
      // Worker 0 succeeds when all have. Who is restarted after that has nobody left to work with.
      successPolicy: { rules: [{ succeededIndexes: "0" }] },
    },
    // A job does not count the failure of a worker that stops because another one is gone.
    ignored: [
      {
        action: "Ignore",
        onExitCodes: { containerName: args.container ?? entry, ...restarted },
      },
    ],
    pods: {
      spec: { subdomain: service.metadata.name },
      podAffinity: together(entry, runLabel, pool?.interconnect?.within),
      isOfGroup: true,
      variables: workerVariables(entry, workers, gpus).filter(({ name }) => !(name in env)),
      folders: [{ path: launcherFolder, volume: { name: ownVolume("launcher"), configMap } }],
      main: {
        resources: resources(args, { ...gpuDevices(gpus, pool), ...fastNetwork(gpus, pool) }),
        command: launch(args, pool),
        args: [...command, ...words],
      },
    },
  };
}

/** Seconds for the pull of a large image, and for nodes that other jobs hold for a moment longer. */
const pull = 1800;

/** Command line of a worker up to its own command. */
function launch({ workers, timeout }: WorkerGroupArgs, pool: PlacedPool | undefined): string[] {
  // From the first worker on to the last: GPUs that wait cost as much as those that work.
  const patience = Math.min(timeout, provisioningTime(pool) + pull);
  return [
    ...["python3", `${launcherFolder}/launcher.py`, "--run=$(RUN_ID)", "--index=$(NODE_RANK)"],
    ...[`--workers=${workers}`, "--host=$(MASTER_ADDR)", `--port=${groupPort}`],
    ...[`--patience=${patience}`, "--"],
  ];
}
