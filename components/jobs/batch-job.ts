import { Job } from "@pulumi/kubernetes/batch/v1";
import * as pulumi from "@pulumi/pulumi";
import { objectLabels } from "../workload/labels";
import { networkOf } from "../workload/network";
import { defaultTimeout, jobFaults, jobRun, type JobRunArgs } from "./job-run";

/** Arguments for {@link BatchJob}, whose program ends by itself. */
export interface BatchJobArgs extends JobRunArgs {
  /** Whether what is made after the job waits for its end; else for its start. @default where `timeout` is at most 1800 */
  wait?: boolean;
}

/** A program that runs once to its end, and again when what it runs changes or after it failed. */
export class BatchJob extends pulumi.ComponentResource {
  /** Name of the job, known once it has succeeded, or once it has started where its end is not waited for. */
  readonly name: pulumi.Output<string>;

  constructor(name: string, args: BatchJobArgs, opts?: pulumi.ComponentResourceOptions) {
    const { cluster, namespace } = args;
    super("gpu-serving:index:BatchJob", name, {}, { ...opts, provider: cluster.provider });
    const { timeout = defaultTimeout, wait = timeout <= longestWait } = args;

    const { pool, faults } = jobFaults(args);
    if (faults.length > 0) {
      throw new pulumi.ResourceError(`${name}: ${faults.join("\n")}`, this, true);
    }

    const child = { parent: this };
    // Nobody connects to a job but its own workers.
    const callers = [{ name, namespace }];
    const network = networkOf(
      name,
      namespace,
      { open: false },
      { ...args.network, callers },
      child,
    );
    const job = new Job(
      name,
      {
        metadata: {
          ...{ name, namespace, labels: objectLabels(name) },
          annotations: wait ? {} : { "pulumi.com/waitFor": "jsonpath={.status.startTime}" },
        },
        spec: jobRun(name, args, pool, child),
      },
      {
        ...child,
        dependsOn: network,
        // The next run has the same name.
        deleteBeforeReplace: true,
        // What failed while `up` waited for it runs again on the next one. The engine takes this for any provider; 4.x's own
        // `pulumi.com/replaceUnready` would also end a job that still runs.
        replaceOnChanges: wait ? ["#initerror"] : [],
        customTimeouts: wait ? seconds(timeout + margin) : seconds(start),
      },
    );
    this.name = pulumi.all([job.metadata.name, job.id]).apply(([known]) => known);
    this.registerOutputs({ name: this.name });
  }
}

/** Seconds that a job may take for `pulumi up` to wait for its end. */
export const longestWait = 1800;

/** Seconds for the Job controller to end the pods and say so. */
const margin = 60;

/** Seconds for the Job controller to take a job up. */
const start = 600;

function seconds(of: number): pulumi.CustomTimeouts {
  return { create: `${of}s`, update: `${of}s` };
}
