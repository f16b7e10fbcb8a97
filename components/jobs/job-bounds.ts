import type { Bounds } from "../workload/bounds";

/** Whole numbers that the arguments of a job can be; times are in seconds. */
export const jobBounds = {
  timeout: [10, 30 * 86400],
  retries: [0, 100],
  workers: [1, 1000],
} as const satisfies Record<string, Bounds>;

/** Whole numbers that the arguments of a schedule can be; times are in seconds. */
export const scheduleBounds = {
  startingDeadline: [10, 7 * 86400],
  history: [0, 100],
} as const satisfies Record<string, Bounds>;
