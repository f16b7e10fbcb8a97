import { Job } from "@pulumi/kubernetes/batch/v1";
import * as pulumi from "@pulumi/pulumi";
import { objectLabels } from "../workload/labels";
import { placementFaults, wholeNumberFault } from "../workload/placement-faults";
import { pod } from "../workload/pod";
import type { WorkloadArgs } from "../workload/workload";

/** Arguments for {@link BatchJob}, whose program ends by itself. */
export interface BatchJobArgs extends WorkloadArgs {
  /** Seconds the job may take from its creation to its end, 10 to 30 days. @default 1800 */
  timeout?: number;
  /** Times a pod that failed is started again before the job counts as failed, 0 to 100. @default 0 */
  retries?: number;
}

/** A program that runs once to its end, and again when anything about it changes. */
export class BatchJob extends pulumi.ComponentResource {
  /** Name of the job, known once it has succeeded. */
  readonly name: pulumi.Output<string>;

  constructor(name: string, args: BatchJobArgs, opts?: pulumi.ComponentResourceOptions) {
    const { cluster, namespace } = args;
    super("gpu-serving:index:BatchJob", name, {}, { ...opts, provider: cluster.provider });
    const { gpus = 0, timeout = 1800, retries = 0 } = args;

    const placement = placementFaults(
      { gpus, pool: args.pool, pods: { field: "gpus", count: 1 } },
      cluster.pools,
    );
    const faults = [
      ...wholeNumberFault("timeout", timeout, 10, 30 * 86400),
      ...wholeNumberFault("retries", retries, 0, 100),
      ...placement.faults,
    ];
    if (faults.length > 0) {
      throw new pulumi.ResourceError(`${name}: ${faults.join("\n")}`, this, true);
    }

    const child = { parent: this };
    const template = pod(
      name,
      args,
      {
        pool: placement.pool,
        spec: { restartPolicy: "Never" },
        // A failed pod's last words are then in its status, where `pulumi up` reads them.
        main: { terminationMessagePolicy: "FallbackToLogsOnError" },
      },
      child,
    );
    const job = new Job(
      name,
      {
        metadata: { name, namespace, labels: objectLabels(name) },
        spec: { backoffLimit: retries, activeDeadlineSeconds: timeout, template },
      },
      {
        ...child,
        customTimeouts: { create: `${timeout + margin}s`, update: `${timeout + margin}s` },
      },
    );
    this.name = pulumi.all([job.metadata.name, job.id]).apply(([known]) => known);
    this.registerOutputs({ name: this.name });
  }
}

/** Seconds for the Job controller to end the pods and say so. */
const margin = 60;
