import { z } from "zod";
import { count, time } from "./values/amounts";
import { workload } from "./workload-schema";

/** A job: pods that run to their end. */
export const job = z.strictObject({
  ...workload,
  timeout: time(10, 30 * 86400, "30m")
    .prefault("30m")
    .describe(
      "Time the job may take, from 10s to 720h; `pulumi up` waits for the end of one that may take at most 30m, and for the start of a longer one.",
    ),
  retries: count(0, 100)
    .default(0)
    .describe("Times a pod that failed is started again before the job counts as failed."),
});
