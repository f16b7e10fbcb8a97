import { z } from "zod";
import { count } from "./amounts";
import { rules } from "./rule";

const greatestNodes = 5000;

/** Size of a pool. */
export const nodeRange = z
  .strictObject({
    min: count(0, greatestNodes).default(0).describe("Nodes that are there at any time."),
    max: count(1, greatestNodes).describe("Nodes that the pool may grow to."),
  })
  .superRefine(({ min, max }, context) => {
    if (min <= max) return;
    context.addIssue({
      code: "custom",
      path: ["min"],
      params: {
        problem: "greater than max",
        allowed: `a whole number from 0 to ${max}, the pool's max`,
        fix: `lower min to ${max}, or raise max to ${min}`,
      },
    });
  })
  .register(rules, { allowed: "a map with at least the key max", example: "{ max: 2 }" })
  .describe("Size of the pool.");
