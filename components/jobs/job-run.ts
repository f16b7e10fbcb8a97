import type { NetworkPolicy } from "@pulumi/kubernetes/networking/v1";
import type { batch } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import type { PlacedPool } from "../cluster/cluster";
import { networkOf } from "../workload/network";
import type { Problem } from "../problem";
import { numberProblems } from "../workload/bounds";
import { placementProblems } from "../workload/placement-problems";
import { pod } from "../workload/pod";
import { sidecarProblems } from "../workload/sidecar-problems";
import type { WorkloadArgs } from "../workload/workload";
import { jobBounds } from "./job-bounds";
import { workerGroup } from "./worker-group";
import { workerProblems } from "./worker-problems";
import { portsOfWorkers } from "./worker-variables";

/** What every run of a job takes, whatever starts it. */
export interface JobRunArgs extends WorkloadArgs {
  /** Seconds a run may take from its creation to its end, 10 to 30 days. @default 1800 */
  timeout?: number;
  /** Times a pod that failed, of several workers all, is started again before the run counts as failed, 0 to 100. @default 0 */
  retries?: number;
  /** Pods that run together, 1 to 1000; several start and end together and find each other. @default 1 */
  workers?: number;
}

/** Seconds a run may take where nothing else is said. */
export const defaultTimeout = 1800;

/** The pool that a job's pods run on, and everything that is wrong with the job. */
export function jobProblems(
  name: string,
  args: JobRunArgs,
): { pool?: PlacedPool; problems: Problem[] } {
  const { gpus = 0, timeout = defaultTimeout, retries = 0, workers = 1, cluster } = args;
  const pods = { field: workers > 1 ? "workers" : "gpus", count: workers };
  const placement = placementProblems({ gpus, pool: args.pool }, pods, cluster.pools);
  return {
    pool: placement.pool,
    problems: [
      ...numberProblems(["timeout"], timeout, jobBounds.timeout),
      ...numberProblems(["retries"], retries, jobBounds.retries),
      ...numberProblems(["workers"], workers, jobBounds.workers),
      ...workerProblems(name, { ...args, workers }),
      ...sidecarProblems(args.sidecars ?? {}, {
        main: args.container ?? name,
        ports: portsOfWorkers(workers),
      }),
      ...placement.problems,
    ],
  };
}

/** Makes what a job's pods need, and the spec of each run. */
export function jobRun(
  name: string,
  args: JobRunArgs,
  pool: PlacedPool | undefined,
  child: pulumi.CustomResourceOptions,
  annotations: Record<string, string> = {},
): batch.v1.JobSpec {
  const { timeout = defaultTimeout, retries = 0, workers = 1 } = args;
  const group =
    workers > 1 ? workerGroup(name, { ...args, workers, timeout }, pool, child) : undefined;
  const template = pod(
    name,
    args,
    {
      ...group?.pods,
      pool,
      spec: { ...group?.pods.spec, restartPolicy: "Never" },
      // A failed pod's last words are then in its status, where `pulumi up` reads them.
      main: { ...group?.pods.main, terminationMessagePolicy: "FallbackToLogsOnError" },
      annotations: { ...stayUntilTheEnd, ...annotations },
    },
    child,
  );
  return {
    ...group?.job,
    backoffLimit: retries,
    activeDeadlineSeconds: timeout,
    podFailurePolicy: { rules: [...lostNodesAreNoFailures, ...(group?.ignored ?? [])] },
    template,
  };
}

/** Makes the policy of a job's pods: nobody connects to them but each other. */
export function jobNetwork(
  name: string,
  { namespace, network }: JobRunArgs,
  child: pulumi.CustomResourceOptions,
): NetworkPolicy {
  const callers = [{ name, namespace }];
  return networkOf(name, namespace, { open: false }, { ...network, callers }, child);
}

/** A pod that is drained, preempted or lost with its node is replaced, however few retries there are. */
const lostNodesAreNoFailures = [
  { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
];

/** Autoscalers empty nodes to save money; what a job did until then would be lost. */
const stayUntilTheEnd = {
  "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
  "karpenter.sh/do-not-disrupt": "true",
};
