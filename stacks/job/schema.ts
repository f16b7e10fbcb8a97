import { z } from "zod";
import { jobBounds, scheduleBounds } from "../../components/jobs/job-problems";
import { count, time } from "../../values/amounts";
import { ruleOf, rules } from "../../values/rule";
import { cronLine, timeZone } from "../../values/schedule";
import { oneOf } from "../../values/text";
import { annotationHint, annotations, workload } from "../workload/schema";

const annotationsOfJob = z.strictObject(annotations);
annotationsOfJob.register(rules, { ...ruleOf(annotationsOfJob), hint: annotationHint });

/** Keys that say how a schedule is kept, and mean nothing without one. */
export const onSchedule = {
  timeZone: timeZone
    .optional()
    .describe("Time zone of `schedule`, by its IANA name; default: `Etc/UTC`."),
  concurrency: oneOf("forbid", "allow", "replace")
    .optional()
    .describe(
      "What happens to a run that is due before the last one has ended: `forbid` leaves it out, `allow` starts it beside the other, `replace` in its place; default: `forbid`.",
    ),
  startingDeadline: time(...scheduleBounds.startingDeadline, "1h")
    .optional()
    .describe(
      "Time after which a run that could not start when it was due is left out, from 10s to 168h; default: `1h`.",
    ),
  history: z
    .strictObject({
      succeeded: count(...scheduleBounds.history)
        .optional()
        .describe("Runs that succeeded; default: 3."),
      failed: count(...scheduleBounds.history)
        .optional()
        .describe("Runs that failed; default: 3."),
    })
    .optional()
    .describe("How many ended runs are kept, with their logs."),
  runFirst: z
    .boolean()
    .optional()
    .describe(
      "Also runs it once when the entry is new or what it runs has changed; the schedule, and what comes after it, wait for its end.",
    ),
};

/** A job: pods that run to their end. */
export const job = z.strictObject({
  ...workload,
  timeout: time(...jobBounds.timeout, "30m")
    .prefault("30m")
    .describe(
      "Time a run may take, from 10s to 720h; `pulumi up` waits for the end of one that may take at most 30m, and for the start of a longer one.",
    ),
  retries: count(...jobBounds.retries)
    .default(0)
    .describe(
      "Times a pod that failed, of several workers all, is started again before the run counts as failed.",
    ),
  workers: count(...jobBounds.workers)
    .default(1)
    .describe(
      "Pods that run together; several start and end together, find each other by variables that torchrun reads, and need `command` and an image with `python3`.",
    ),
  completions: count(...jobBounds.completions)
    .default(1)
    .describe(
      "Pods that must succeed, each on its own part of the work: a pod finds its number, from 0, in `JOB_COMPLETION_INDEX` where there are several.",
    ),
  parallelism: count(...jobBounds.parallelism)
    .default(1)
    .describe("Of `completions`, pods that run at the same time."),
  annotations: annotationsOfJob
    .optional()
    .describe("Annotations of its pods and its service account."),
  schedule: cronLine
    .optional()
    .describe("Cron line of when it runs; default: once, and again when what it runs changes."),
  ...onSchedule,
});
