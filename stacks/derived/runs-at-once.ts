import type { JobEntry } from "../schema";
import { cron, shortestGap } from "../../values/cron";

/** Most runs of a job that are there at the same time: as many as its schedule starts within one run's time, where they may overlap. */
export function runsAtOnce({
  schedule,
  concurrency,
  timeout = 0,
}: Partial<Pick<JobEntry, "schedule" | "concurrency" | "timeout">>): number {
  if (schedule === undefined || concurrency !== "allow") return 1;
  const due = cron(schedule);
  return "problem" in due ? 1 : Math.max(1, Math.ceil(timeout / shortestGap(due)));
}
