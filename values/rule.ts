import { z } from "zod";

/** Our words for what a schema takes, and for what it refuses. */
export interface Rule {
  /** What is accepted, in words. */
  allowed: string;
  /** A value to start from, as it is written in YAML. */
  example?: string;
  /** What to do where the value is missing. @default to add the example */
  missing?: string;
  /** What is wrong and what to write instead, where the value says more than its type; `written`: how the file has it. */
  explain?: (found: unknown, written?: string) => Explanation | undefined;
  /** What is wrong with an unknown key of a map, where more can be said than that it is unknown; `meant`: the key that is only missing because of it. */
  hint?: (key: string, map?: unknown) => (Explanation & { meant?: string }) | undefined;
}

/** One refused value, in words. */
export interface Explanation {
  /** What is wrong. */
  problem: string;
  /** What to do about it. */
  fix: string;
}

/** Explains text that is refused; of anything else its type says enough. */
export function forText(
  words: Explanation | ((found: string) => Explanation | undefined),
): Rule["explain"] {
  return (found) => {
    if (typeof found !== "string") return undefined;
    return typeof words === "function" ? words(found) : words;
  };
}

/** The rule of each schema that has one. */
export const rules = z.registry<Rule>();

/** The rule of a schema, made up from its shape where it has none of its own. */
export function ruleOf(schema: z.core.$ZodType): Rule {
  const rule = rules.get(schema);
  // A described copy of a schema without a rule has an empty one.
  if (rule?.allowed) return rule;
  if (schema instanceof z.ZodObject) return { ...rule, ...objectRule(schema) };
  if (schema instanceof z.ZodEnum) {
    return { allowed: schema.options.join(", "), example: String(schema.options[0]) };
  }
  if (schema instanceof z.ZodBoolean) return { allowed: "true or false" };
  return { allowed: schema instanceof z.ZodString ? "text" : "a value" };
}

function objectRule({ shape }: z.ZodObject<Record<string, z.core.$ZodType>>): Rule {
  const needed = Object.entries(shape).filter(
    ([, field]) => !z.safeParse(field, undefined).success,
  );
  if (needed.length === 0) {
    return { allowed: `a map with any of the keys ${Object.keys(shape).join(", ")}` };
  }
  const keys = needed.map(([key]) => key);
  return {
    allowed: `a map with at least the key${keys.length > 1 ? "s" : ""} ${keys.join(", ")}`,
    example: `{ ${needed.map(([key, field]) => `${key}: ${ruleOf(field).example}`).join(", ")} }`,
  };
}
