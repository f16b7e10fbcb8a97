import { BatchJob } from "../../components/jobs/batch-job";
import { ScheduledJob } from "../../components/jobs/scheduled-job";
import { inRunOrder, waitedFor } from "../derived/run-order";
import type { Stack } from "../stack";
import type { ArgumentsOf } from "../workload/arguments";

/** The jobs of a stack, by name. */
export type MadeJobs = Readonly<Record<string, BatchJob | ScheduledJob>>;

/** Makes the jobs of a stack, each behind those it comes after; `attempts` are those of jobs that run again after they failed, by name. */
export function makeJobs(
  stack: Stack,
  argumentsOf: ArgumentsOf,
  attempts: Readonly<Record<string, string>>,
): MadeJobs {
  const awaited = waitedFor(stack);
  const jobs: Record<string, BatchJob | ScheduledJob> = {};
  for (const [name, entry] of inRunOrder(stack.jobs)) {
    const args = { ...entry, ...argumentsOf(name, entry) };
    const { schedule } = entry;
    const once = { wait: awaited.has(name) || undefined, attempt: attempts[name] };
    jobs[name] =
      schedule === undefined
        ? new BatchJob(name, { ...args, ...once }, behind(jobs, entry))
        : new ScheduledJob(name, { ...args, schedule }, behind(jobs, entry));
  }
  return jobs;
}

/** Options of what is made once the jobs that it names have ended. */
export function behind(jobs: MadeJobs, { after }: { after: readonly string[] }) {
  return { dependsOn: after.flatMap((name) => jobs[name] ?? []) };
}
