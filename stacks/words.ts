import type { Problem } from "../components/problem";

/** Way to a value in a file: keys of maps, places in lists. */
export type Path = Problem["path"];

/** What is wrong with a value, without the place and the value itself. */
export type Words = Pick<Problem, "problem" | "allowed" | "fix">;

/** How a problem says that there is no value. */
export const nothing = "nothing";
