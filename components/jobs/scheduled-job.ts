import { CronJob, Job } from "@pulumi/kubernetes/batch/v1";
import * as pulumi from "@pulumi/pulumi";
import { refuse } from "../refuse";
import { numberProblems } from "../workload/bounds";
import { metadataOf } from "../workload/labels";
import { jobProblems, scheduleBounds, type JobRunArgs } from "./job-problems";
import { jobNetwork, jobOptions, jobRun, runUntilItsEnd } from "./job-run";

/** Arguments for {@link ScheduledJob}. */
export interface ScheduledJobArgs extends JobRunArgs {
  /** When it runs: a cron line as Kubernetes takes it. */
  schedule: string;
  /** Time zone of the schedule, by its IANA name. @default "Etc/UTC" */
  timeZone?: string;
  /** What happens when a run is due and the one before has not ended. @default "forbid", which leaves it out */
  concurrency?: "forbid" | "allow" | "replace";
  /** Seconds after which a run that could not start when it was due is left out, 10 to 7 days. @default 3600 */
  startingDeadline?: number;
  /** How many ended runs are kept, with their logs. @default 3 of each */
  history?: { succeeded?: number; failed?: number };
  /** Runs it once when it is new or what it runs has changed; the schedule waits for its end. @default false */
  runFirst?: boolean;
}

/** A program that runs on a schedule. */
export class ScheduledJob extends pulumi.ComponentResource {
  /** Name of the CronJob, known once it is there and the first run, where there is one, has succeeded. */
  readonly name: pulumi.Output<string>;

  constructor(name: string, args: ScheduledJobArgs, opts?: pulumi.ComponentResourceOptions) {
    super("gpu-serving:index:ScheduledJob", name, {}, jobOptions(args, opts, "BatchJob"));
    const { namespace, schedule } = args;
    const { timeZone = "Etc/UTC", concurrency = "forbid", startingDeadline = 3600 } = args;
    const { succeeded = 3, failed = 3 } = args.history ?? {};

    const { pool, problems } = jobProblems(name, args);
    refuse(this, name, [
      ...numberProblems(["startingDeadline"], startingDeadline, scheduleBounds.startingDeadline),
      ...numberProblems(["history", "succeeded"], succeeded, scheduleBounds.history),
      ...numberProblems(["history", "failed"], failed, scheduleBounds.history),
      ...problems,
    ]);

    const child = { parent: this };
    const owner = { entry: name, namespace, child, labels: args.labels };
    const metadata = metadataOf(owner);
    const before: pulumi.Resource[] = [jobNetwork(owner, args.network)];
    const spec = jobRun(owner, args, pool);
    if (args.runFirst) {
      const first = metadataOf(owner, `${name}-first`);
      const options = { ...child, dependsOn: [...before], ...runUntilItsEnd(args) };
      // What failed on its first run is not put on the schedule.
      before.push(new Job(`${name}-first`, { metadata: first, spec }, options));
    }
    const cronJob = new CronJob(
      name,
      {
        metadata,
        spec: {
          schedule,
          timeZone,
          concurrencyPolicy: policies[concurrency],
          startingDeadlineSeconds: startingDeadline,
          successfulJobsHistoryLimit: succeeded,
          failedJobsHistoryLimit: failed,
          jobTemplate: { metadata: { labels: metadata.labels }, spec },
        },
      },
      { ...child, dependsOn: before },
    );
    this.name = pulumi.all([cronJob.metadata.name, cronJob.id]).apply(([known]) => known);
    this.registerOutputs({ name: this.name });
  }
}

const policies = { forbid: "Forbid", allow: "Allow", replace: "Replace" } as const;
