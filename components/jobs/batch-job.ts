import { Job } from "@pulumi/kubernetes/batch/v1";
import * as pulumi from "@pulumi/pulumi";
import { untilStarted } from "../cluster/wait-for";
import { refuse } from "../refuse";
import { metadataOf } from "../workload/labels";
import { provisioningTime } from "../workload/scheduling";
import type { Rollout } from "../workload/rollout";
import { defaultTimeout, jobProblems, type JobRunArgs } from "./job-problems";
import { jobNetwork, jobOptions, jobRun, runInBackground, runUntilItsEnd } from "./job-run";

/** Arguments for {@link BatchJob}, whose program ends by itself. */
export interface BatchJobArgs extends JobRunArgs {
  /** Whether what is made after the job waits for its end; else for its start. @default where `timeout` is at most 1800 */
  wait?: boolean;
  /** Any text: the job runs again when it changes, as after a run that failed. @default none */
  attempt?: string;
}

/** Seconds that a job may take for `pulumi up` to wait for its end where nothing comes after it. */
const longestWait = 1800;

/** Annotation of the pods with the attempt. */
export const attemptAnnotation = "gpu-serving/attempt";

/** A program that runs once to its end, and again when what it runs changes or after it failed. */
export class BatchJob extends pulumi.ComponentResource {
  /** Name of the job, known once it has succeeded, or once it has started where its end is not waited for. */
  readonly name: pulumi.Output<string>;
  /** What is needed to watch its start; undefined where its end is waited for. */
  readonly rollout?: Rollout;

  constructor(name: string, args: BatchJobArgs, opts?: pulumi.ComponentResourceOptions) {
    super("gpu-serving:index:BatchJob", name, {}, jobOptions(args, opts, "ScheduledJob"));
    const { namespace, attempt } = args;
    const { timeout = defaultTimeout, wait = timeout <= longestWait } = args;

    const { pool, problems } = jobProblems(name, args);
    refuse(this, name, problems);

    const owner = { entry: name, namespace, child: { parent: this }, labels: args.labels };
    const placement = provisioningTime(pool);
    const marks = attempt === undefined ? undefined : { [attemptAnnotation]: attempt };
    const dependsOn = jobNetwork(owner, args.network);
    const job = new Job(
      name,
      {
        metadata: { ...metadataOf(owner), annotations: wait ? {} : untilStarted },
        spec: jobRun(owner, args, pool, marks),
      },
      {
        ...{ ...owner.child, dependsOn },
        ...(wait ? runUntilItsEnd(args) : runInBackground(placement)),
      },
    );
    if (!wait) {
      this.rollout = { kind: "Job", name, namespace, placement, owner: this, object: job };
    }
    this.name = pulumi.all([job.metadata.name, job.id]).apply(([known]) => known);
    this.registerOutputs({ name: this.name });
  }
}
