import { z } from "zod";

/** Our words for what a schema takes, and for what it refuses. */
export interface Rule {
  /** What is accepted, in words. */
  allowed: string;
  /** A value to start from, as it is written in YAML. */
  example?: string;
  /** What to do where the value is missing. @default to add the example */
  missing?: string;
  /** What is wrong and what to write instead, where the value says more than its type. */
  explain?: (found: unknown) => Explanation | undefined;
  /** What is wrong with an unknown key, where more can be said than that it is unknown. */
  hint?: (key: string) => Explanation | undefined;
}

/** One refused value, in words. */
export interface Explanation {
  /** What is wrong. */
  problem: string;
  /** What to do about it. */
  fix: string;
}

/** The rule of each schema that has one. */
export const rules = z.registry<Rule>();
