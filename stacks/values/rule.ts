import { z } from "zod";

/** What a fault report says about a value that a schema refuses. */
export interface Rule {
  /** What is accepted, in words. */
  allowed: string;
  /** A value to start from, as it is written in YAML. */
  example?: string;
  /** What to do where the value is missing. @default to add the example */
  missing?: string;
  /** What is wrong and what to write instead, where the value tells more than its type. */
  explain?: (found: unknown) => Explanation | undefined;
  /** What is wrong with a key that another shape has and this one has not. */
  stranger?: (key: string) => Explanation | undefined;
}

/** One refused value, in words. */
export interface Explanation {
  /** What is wrong. */
  what: string;
  /** What to do about it. */
  remedy: string;
}

/** The rule of each schema that has one. */
export const rules = z.registry<Rule>();
