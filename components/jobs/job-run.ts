import type { NetworkPolicy } from "@pulumi/kubernetes/networking/v1";
import type { batch } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import type { PlacedPool } from "../cluster/cluster";
import type { Owner } from "../workload/labels";
import { networkOf } from "../workload/network";
import { pod } from "../workload/pod";
import { defaultTimeout, stayUntilTheEnd, type JobRunArgs } from "./job-problems";
import { workerGroup } from "./worker-group";

/**
 * Options of a job, once or on a schedule. The other kind is an alias: an entry that gets or loses its schedule keeps its account,
 * policy and Secrets, which have the same names in the cluster.
 */
export function jobOptions(
  { cluster }: JobRunArgs,
  opts: pulumi.ComponentResourceOptions | undefined,
  other: "BatchJob" | "ScheduledJob",
): pulumi.ComponentResourceOptions {
  const aliases = [...(opts?.aliases ?? []), { type: `gpu-serving:index:${other}` }];
  return { ...opts, aliases, provider: cluster.provider };
}

/** Makes what a job's pods need, and the spec of each run. */
export function jobRun(
  owner: Owner,
  args: JobRunArgs,
  pool: PlacedPool | undefined,
  annotations: Record<string, string> = {},
): batch.v1.JobSpec {
  const { timeout = defaultTimeout, retries = 0, workers = 1 } = args;
  const group = workers > 1 ? workerGroup(owner, { ...args, workers, timeout }, pool) : undefined;
  const template = pod(owner, args, {
    ...group?.pods,
    pool,
    spec: { ...group?.pods.spec, restartPolicy: "Never" },
    // A failed pod's last words are then in its status, where `pulumi up` reads them.
    main: { ...group?.pods.main, terminationMessagePolicy: "FallbackToLogsOnError" },
    annotations: { ...stayUntilTheEnd, ...annotations },
  });
  const { completions = 1, parallelism = 1 } = args;
  return {
    ...group?.job,
    // Each pod is told its number, so that it knows its part of the work.
    ...(completions > 1 && { completionMode: "Indexed", completions, parallelism }),
    backoffLimit: retries,
    activeDeadlineSeconds: timeout,
    podFailurePolicy: { rules: [...lostNodesAreNoFailures, ...(group?.ignored ?? [])] },
    template,
  };
}

/** Makes the policy of a job's pods: nobody connects to them but each other. */
export function jobNetwork(owner: Owner, network: JobRunArgs["network"]): NetworkPolicy {
  const callers = [{ name: owner.entry, namespace: owner.namespace }];
  return networkOf(owner, [{ open: false }], { ...network, callers });
}

/** Options of a Job whose end `up` waits for; its pods may take more time to end than they have by default. */
export function runUntilItsEnd({
  timeout = defaultTimeout,
  podPatch: { terminationGracePeriodSeconds: grace = 0 } = {},
}: JobRunArgs): pulumi.CustomResourceOptions {
  return {
    ...inPlace,
    // What failed while `up` waited for it runs again on the next one. The engine does this for any provider; the provider's
    // own `pulumi.com/replaceUnready` would also end a job that still runs.
    replaceOnChanges: ["#initerror"],
    customTimeouts: seconds(timeout + margin + grace),
  };
}

/** Options of a Job whose start alone `up` waits for, on a pool whose nodes take up to `provisioning` seconds. */
export function runInBackground(provisioning: number): pulumi.CustomResourceOptions {
  return { ...inPlace, customTimeouts: seconds(provisioning + start) };
}

// The next run has the same name.
const inPlace = { deleteBeforeReplace: true };

/** Seconds for the Job controller to end the pods and say so. */
const margin = 60;

/** Seconds for the image of a job to be pulled and its program to start, once it has a node. */
const start = 600;

function seconds(of: number): pulumi.CustomTimeouts {
  return { create: `${of}s`, update: `${of}s` };
}

/** A pod that is drained, preempted or lost with its node is replaced, however few retries there are. */
const lostNodesAreNoFailures = [
  { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
];
