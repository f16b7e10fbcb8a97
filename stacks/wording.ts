import { z } from "zod";
import { shown } from "./faults";
import { bare, isMap, typed } from "./lookup";
import { nearest } from "./spelling";
import { rules, type Explanation, type Rule } from "./values/rule";

/** What is wrong with a refused value, what would be accepted and what to do; without a schema nothing is accepted. */
export function inWords(key: string, value: unknown, schema?: z.ZodType) {
  const rule: Rule = schema ? ruleOf(schema) : { allowed: "nothing else" };
  return { allowed: rule.allowed, ...explanation(key, value, rule, schema) };
}

function explanation(key: string, value: unknown, rule: Rule, schema?: z.ZodType): Explanation {
  const { example, missing, explain } = rule;
  if (value === undefined) {
    const such = example ? `, for example ${key}: ${example}` : "";
    return { what: "missing", remedy: missing ?? `add it${such}` };
  }
  if (value === null) return { what: "no value", remedy: remedyForNull(schema, example) };
  return dateExplanation(value, schema) ?? explain?.(value) ?? byType(value, schema, example);
}

function isMapSchema(schema?: z.ZodType): boolean {
  return (
    schema instanceof z.ZodRecord ||
    schema instanceof z.ZodObject ||
    schema instanceof z.ZodDiscriminatedUnion
  );
}

/** The rule of a schema, made up from its shape where it has none of its own. */
export function ruleOf(schema: z.ZodType): Rule {
  const rule = rules.get(schema);
  // A described copy of a schema without a rule has an empty one.
  if (rule?.allowed) return rule;
  if (schema instanceof z.ZodObject) return objectRule(schema);
  if (schema instanceof z.ZodEnum) {
    return { allowed: schema.options.join(", "), example: String(schema.options[0]) };
  }
  return { allowed: schema instanceof z.ZodString ? "text" : "a value" };
}

function objectRule({ shape }: z.ZodObject<Record<string, z.core.$ZodType>>): Rule {
  const fields = Object.entries(shape).map(([key, schema]) => [key, typed(schema)] as const);
  const needed = fields.filter(([, schema]) => !schema.safeParse(undefined).success);
  if (needed.length === 0) {
    return { allowed: `a map with any of the keys ${fields.map(([key]) => key).join(", ")}` };
  }
  const keys = needed.map(([key]) => key);
  return {
    allowed: `a map with at least the key${keys.length > 1 ? "s" : ""} ${keys.join(", ")}`,
    example: `{ ${needed.map(([key, schema]) => `${key}: ${ruleOf(bare(schema)).example}`).join(", ")} }`,
  };
}

/** YAML takes an unquoted date for a point in time. */
function dateExplanation(value: unknown, schema?: z.ZodType): Explanation | undefined {
  if (!(value instanceof Date) || isMapSchema(schema) || schema instanceof z.ZodArray) {
    return undefined;
  }
  const written = value.toISOString().replace(/T00:00:00\.000Z$/, "");
  return { what: "a date, not text", remedy: `quote it: "${written}"` };
}

function remedyForNull(schema?: z.ZodType, example?: string): string {
  if (example) return `write a value, for example ${example}, or remove the key`;
  const empty = schema instanceof z.ZodArray ? "[]" : schema instanceof z.ZodString ? '""' : "{}";
  return `write ${empty}, or remove the key`;
}

/** What is wrong, as far as the types tell. */
function byType(value: unknown, schema?: z.ZodType, example?: string): Explanation {
  const such = example ? `, for example ${example}` : "";
  if (schema instanceof z.ZodPipe) return byType(value, typed(schema.in), example);
  if (schema instanceof z.ZodNumber) return numberExplanation(value);
  if (schema instanceof z.ZodString && typeof value !== "string") {
    const scalar = typeof value === "number" || typeof value === "boolean";
    return {
      what: "wrong type",
      remedy: scalar ? `quote it: "${value}"` : `write one text${such}`,
    };
  }
  if (schema instanceof z.ZodBoolean) return booleanExplanation(value);
  if (schema instanceof z.ZodArray && !Array.isArray(value)) {
    const scalar = typeof value === "string" || typeof value === "number";
    return {
      what: "wrong type",
      remedy: scalar ? `write a list: [${shown(value)}]` : "write a list",
    };
  }
  if (schema instanceof z.ZodArray && Array.isArray(value) && value.length === 0) {
    return { what: "empty", remedy: "list at least one, or remove the key" };
  }
  if (isMapSchema(schema) && !isMap(value)) {
    const dashes = Array.isArray(value) ? ", without dashes" : "";
    return { what: "wrong type", remedy: `write keys with their values${dashes}${such}` };
  }
  if (schema instanceof z.ZodEnum) return wordExplanation(value, schema.options.map(String));
  if (schema instanceof z.ZodLiteral) return wordExplanation(value, [...schema.values].map(String));
  return { what: "malformed", remedy: "write it as allowed" };
}

function wordExplanation(value: unknown, known: readonly string[]): Explanation {
  const meant = typeof value === "string" ? nearest(value, known) : undefined;
  const choice = known.length > 1 ? "choose one of these words" : `write ${known[0]}`;
  return { what: "unknown word", remedy: meant ? `did you mean "${meant}"?` : choice };
}

function booleanExplanation(value: unknown): Explanation {
  const word = shown(value).replaceAll('"', "").toLowerCase();
  const truth = ["yes", "on", "true"].includes(word);
  const meant = truth || ["no", "off", "false"].includes(word) ? String(truth) : "true or false";
  return { what: "wrong type", remedy: `write ${meant}, without quotes` };
}

function numberExplanation(value: unknown): Explanation {
  if (typeof value === "number") {
    const what = Number.isInteger(value) ? "out of range" : "not a whole number";
    return { what, remedy: "choose a number in this range" };
  }
  if (typeof value === "string" && /^\d+$/.test(value)) {
    return { what: "wrong type", remedy: `remove the quotes: ${value}` };
  }
  return { what: "wrong type", remedy: "write a number without quotes" };
}
