import { z } from "zod";
import { isMap } from "./lookup";
import { shown, unknownKey } from "./problems";
import { nothing, type Words } from "./words";
import { nearest } from "../components/spelling";
import { ruleOf, rules, type Explanation } from "../values/rule";

/** What is said of a value that a schema refuses. */
export interface Refusal {
  /** Its words, by the key of the value; for unknown keys each with its key and the one that was probably meant. */
  words: (key: string) => (Words & { key?: string; meant?: string })[];
  /** Whether the schema has words of its own for this very value. @default false */
  own?: boolean;
}

const custom = z.object({ problem: z.string(), allowed: z.string(), fix: z.string() });

/** What is said of an issue of zod. */
export function refusal(issue: z.core.$ZodRawIssue): Refusal {
  const { schema, input } = issue;
  if (issue.code === "custom" && issue.params) {
    const words = custom.parse(issue.params);
    return { words: () => [words] };
  }
  if (issue.code === "unrecognized_keys") {
    const { keys } = issue;
    return { words: () => keys.map((key) => unknownKeyWords(key, input, schema)) };
  }
  if (issue.code === "invalid_union" && "options" in issue && Array.isArray(issue.options)) {
    const words = issue.options.map(String);
    return { words: (key) => [discriminatorWords(key, input, words)] };
  }
  const rule = schema instanceof z.ZodType ? ruleOf(schema) : { allowed: nothing };
  const { allowed, example, missing } = rule;
  if (input === undefined) {
    const such = (key: string) => (example ? `, for example ${key}: ${example}` : "");
    return {
      words: (key) => [{ problem: "missing", allowed, fix: missing ?? `add it${such(key)}` }],
    };
  }
  const own = input === null ? undefined : rule.explain?.(input);
  const words = { allowed, ...(dateWords(input, schema) ?? own ?? byType(input, schema, example)) };
  return { words: () => [words], own: own !== undefined };
}

function unknownKeyWords(key: string, map: unknown, schema: unknown) {
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  const allowed = known.length > 0 ? [...known].sort().join(", ") : nothing;
  const hint = schema instanceof z.ZodObject ? rules.get(schema)?.hint?.(key) : undefined;
  if (hint) return { key, allowed, ...hint };
  const absent = known.filter((name) => !isMap(map) || !Object.hasOwn(map, name));
  const meant = nearest(key, absent) ?? nearest(key, known);
  const fix = meant ? `did you mean "${meant}"?` : "remove it";
  return { key, allowed, problem: unknownKey, fix, meant };
}

/** Words for the key that chooses one of several shapes. */
function discriminatorWords(key: string, map: unknown, words: readonly string[]): Words {
  const allowed = words.join(", ");
  const keys = isMap(map) ? Object.keys(map) : [];
  if (isMap(map) && keys.includes(key)) return { allowed, ...wordExplanation(map[key], words) };
  const misspelt = nearest(key, keys);
  const fix = misspelt ? `rename ${misspelt} to ${key}` : `add it, for example ${key}: ${words[0]}`;
  return { allowed, problem: "missing", fix };
}

function isMapSchema(schema: unknown): boolean {
  return (
    schema instanceof z.ZodRecord ||
    schema instanceof z.ZodObject ||
    schema instanceof z.ZodDiscriminatedUnion
  );
}

/** YAML takes an unquoted date for a point in time. */
function dateWords(value: unknown, schema: unknown): Explanation | undefined {
  if (!(value instanceof Date) || isMapSchema(schema) || schema instanceof z.ZodArray) {
    return undefined;
  }
  const written = value.toISOString().replace(/T00:00:00\.000Z$/, "");
  return { problem: "a date, not text", fix: `quote it: "${written}"` };
}

/** What is wrong, as far as the types tell. */
function byType(value: unknown, schema: unknown, example?: string): Explanation {
  const such = example ? `, for example ${example}` : "";
  if (value === null) return { problem: "no value", fix: fixOfNull(schema, example) };
  if (schema instanceof z.ZodNumber) return numberExplanation(value);
  if (schema instanceof z.ZodString && typeof value !== "string") {
    const scalar = typeof value === "number" || typeof value === "boolean";
    return {
      problem: "wrong type",
      fix: scalar ? `quote it: "${value}"` : `write one text${such}`,
    };
  }
  if (schema instanceof z.ZodBoolean) return booleanExplanation(value);
  if (schema instanceof z.ZodArray && !Array.isArray(value)) {
    const scalar = typeof value === "string" || typeof value === "number";
    return {
      problem: "wrong type",
      fix: scalar ? `write a list: [${shown(value)}]` : "write a list",
    };
  }
  if (schema instanceof z.ZodArray && Array.isArray(value) && value.length === 0) {
    return { problem: "empty", fix: "list at least one, or remove the key" };
  }
  if (isMapSchema(schema) && !isMap(value)) {
    const dashes = Array.isArray(value) ? ", without dashes" : "";
    return { problem: "wrong type", fix: `write keys with their values${dashes}${such}` };
  }
  if (schema instanceof z.ZodEnum) return wordExplanation(value, schema.options.map(String));
  if (schema instanceof z.ZodLiteral) return wordExplanation(value, [...schema.values].map(String));
  return { problem: "malformed", fix: "write it as allowed" };
}

function fixOfNull(schema: unknown, example?: string): string {
  if (example) return `write a value, for example ${example}, or remove the key`;
  const empty = schema instanceof z.ZodArray ? "[]" : schema instanceof z.ZodString ? '""' : "{}";
  return `write ${empty}, or remove the key`;
}

function wordExplanation(value: unknown, known: readonly string[]): Explanation {
  const meant = typeof value === "string" ? nearest(value, known) : undefined;
  const choice = known.length > 1 ? "choose one of these words" : `write ${known[0]}`;
  return { problem: "unknown word", fix: meant ? `did you mean "${meant}"?` : choice };
}

function booleanExplanation(value: unknown): Explanation {
  const word = shown(value).replaceAll('"', "").toLowerCase();
  const truth = ["yes", "on", "true"].includes(word);
  const meant = truth || ["no", "off", "false"].includes(word) ? String(truth) : "true or false";
  return { problem: "wrong type", fix: `write ${meant}, without quotes` };
}

function numberExplanation(value: unknown): Explanation {
  if (typeof value === "number") {
    const problem = Number.isInteger(value) ? "out of range" : "not a whole number";
    return { problem, fix: "choose a number in this range" };
  }
  if (typeof value === "string" && /^\d+$/.test(value)) {
    return { problem: "wrong type", fix: `remove the quotes: ${value}` };
  }
  return { problem: "wrong type", fix: "write a number without quotes" };
}
