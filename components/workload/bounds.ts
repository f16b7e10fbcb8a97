import type { Problem } from "../problem";

/** The least and the greatest of whole numbers that are accepted. */
export type Bounds = readonly [least: number, greatest: number];

/** What is wrong with a number that is not a whole one within its bounds. */
export function numberProblems(
  path: Problem["path"],
  value: number,
  [least, greatest]: Bounds,
): Problem[] {
  if (Number.isInteger(value) && value >= least && value <= greatest) return [];
  return [
    {
      ...{ path, found: String(value) },
      problem: Number.isInteger(value) ? "out of range" : "not a whole number",
      allowed: `a whole number from ${least} to ${greatest}`,
      fix: "choose a number in this range",
    },
  ];
}

/** Numbers of users other than root that a container can run as. */
export const userBounds: Bounds = [1, 2 ** 31 - 1];

/** Numbers of groups that a container can run as; images for any user write as group 0. */
export const groupBounds: Bounds = [0, 2 ** 31 - 1];

/** Ports that a container can listen on. */
export const portBounds: Bounds = [1, 65535];
