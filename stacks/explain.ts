import { z } from "zod";
import { nothing, shown, unknownKey, type Fault, type Path } from "./faults";
import { bare, isMap, keysOf, schemasAt, typed, valueAt } from "./lookup";
import { rules, type Explanation, type Rule } from "./values/rule";
import { nearest } from "./spelling";

/** What is wrong with a value of a file, from a schema's point of view; nothing if the schema takes it. */
export function schemaFaults(
  schema: z.ZodType,
  value: unknown,
  file: string,
  at: Path = [],
): Fault[] {
  const result = schema.safeParse(value);
  if (result.success) return [];
  return result.error.issues
    .flatMap((issue) => issueFaults(schema, value, issue))
    .map((fault) => ({ ...fault, file, at: [...at, ...fault.at] }));
}

type Found = Omit<Fault, "file" | "at"> & { at: Path };

function issueFaults(schema: z.ZodType, root: unknown, issue: z.core.$ZodIssue): Found[] {
  const at = issue.path.map((step) => (typeof step === "number" ? step : String(step)));
  const value = valueAt(root, at);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => keyFault(schema, root, at, key));
  }
  if (issue.code === "invalid_key") {
    const record = schemasAt(schema, root, at.slice(0, -1))[0];
    if (!(record instanceof z.ZodRecord)) return [];
    const { keyType, valueType } = record;
    const name = String(at.at(-1));
    const rule = ruleOf(typed(keyType));
    return [
      { at, found: shown(name), allowed: rule.allowed, ...(rule.explain?.(name) ?? generic(name)) },
      ...schemaFaults(typed(valueType), value, "", at).map((fault) => ({
        ...fault,
        at: asPath(fault.at),
      })),
    ];
  }
  if (issue.code === "invalid_union" && issue.errors.length === 0 && value === undefined) {
    // No shape is chosen without its key, so the keys are looked over here.
    const parent = valueAt(root, at.slice(0, -1));
    const known = keysOf(schema, root, at.slice(0, -1));
    const strange = isMap(parent) ? Object.keys(parent).filter((key) => !known.includes(key)) : [];
    return [
      ...strange.map((key) => keyFault(schema, root, at.slice(0, -1), key)),
      plainFault(schema, root, at),
    ];
  }
  if (issue.code === "custom" && issue.params) {
    const { what, allowed, remedy } = custom.parse(issue.params);
    return [{ at, what, found: shown(value), allowed, remedy }];
  }
  return [plainFault(schema, root, at)];
}

const custom = z.object({ what: z.string(), allowed: z.string(), remedy: z.string() });

function asPath(at: Path | string): Path {
  return typeof at === "string" ? [at] : at;
}

function plainFault(schema: z.ZodType, root: unknown, at: Path): Found {
  const value = valueAt(root, at);
  const [here] = schemasAt(schema, root, at);
  const rule: Rule = here ? ruleOf(here) : { allowed: "nothing else" };
  const key = at.at(-1);
  const explanation: Explanation =
    value === undefined
      ? {
          what: "missing",
          remedy:
            rule.missing ?? `add it${rule.example ? `, for example ${key}: ${rule.example}` : ""}`,
        }
      : value === null
        ? { what: "no value", remedy: here ? remedyForNull(here, rule.example) : "remove the key" }
        : (dateExplanation(value) ?? rule.explain?.(value) ?? generic(value, here, rule.example));
  return { at, found: shown(value), allowed: rule.allowed, ...explanation };
}

/** YAML takes an unquoted date for a point in time. */
function dateExplanation(value: unknown): Explanation | undefined {
  if (!(value instanceof Date)) return undefined;
  const written = value.toISOString().replace(/T00:00:00\.000Z$/, "");
  return { what: "a date, not text", remedy: `quote it: "${written}"` };
}

function remedyForNull(schema: z.ZodType, example?: string): string {
  if (example) return `write a value, for example ${example}, or remove the key`;
  const empty = schema instanceof z.ZodArray ? "[]" : schema instanceof z.ZodString ? '""' : "{}";
  return `write ${empty}, or remove the key`;
}

/** What is wrong, as far as the types tell. */
function generic(value: unknown, schema?: z.ZodType, example?: string): Explanation {
  const such = example ? `, for example ${example}` : "";
  if (schema instanceof z.ZodPipe) return generic(value, typed(schema.in), example);
  if (schema instanceof z.ZodNumber) return numberExplanation(value);
  if (schema instanceof z.ZodString && typeof value !== "string") {
    const scalar = typeof value === "number" || typeof value === "boolean";
    return {
      what: "wrong type",
      remedy: scalar ? `quote it: "${value}"` : `write one text${such}`,
    };
  }
  if (schema instanceof z.ZodBoolean) {
    const near = {
      yes: "true",
      on: "true",
      true: "true",
      no: "false",
      off: "false",
      false: "false",
    };
    const [, meant] =
      Object.entries(near).find(([word]) => word === String(value).toLowerCase()) ?? [];
    return { what: "wrong type", remedy: `write ${meant ?? "true or false"}, without quotes` };
  }
  if (schema instanceof z.ZodArray && !Array.isArray(value)) {
    const scalar = typeof value === "string" || typeof value === "number";
    return {
      what: "wrong type",
      remedy: scalar ? `write a list: [${shown(value)}]` : "write a list",
    };
  }
  if (isMapSchema(schema) && !isMap(value)) {
    const dashes = Array.isArray(value) ? ", without dashes" : "";
    return { what: "wrong type", remedy: `write keys with their values${dashes}${such}` };
  }
  if (schema instanceof z.ZodEnum || schema instanceof z.ZodLiteral) {
    const known = schema instanceof z.ZodEnum ? schema.options : [...schema.values];
    const meant = nearest(String(value), known.map(String));
    return {
      what: "unknown word",
      remedy: meant
        ? `did you mean "${meant}"?`
        : known.length > 1
          ? "choose one of these words"
          : `write ${known[0]}`,
    };
  }
  return { what: "malformed", remedy: "write it as allowed" };
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

/** Keys of the design that are refused by name until they exist, with what to do meanwhile. */
const later: Record<string, string> = {
  apiKeys: "not available yet: needs the gateway",
  host: "not available yet: needs the gateway",
};

function keyFault(schema: z.ZodType, root: unknown, at: Path, key: string): Found {
  const known = keysOf(schema, root, at);
  const missing = known.filter((name) => valueAt(root, [...at, name]) === undefined);
  const meant = nearest(key, missing) ?? nearest(key, known);
  const laterWord = at.at(-1) === "expose" ? later[key] : undefined;
  return {
    at: [...at, key],
    what: laterWord ?? unknownKey,
    found: shown(valueAt(root, [...at, key])),
    allowed: known.length > 0 ? [...known].sort().join(", ") : nothing,
    remedy: laterWord
      ? "remove it, and list the ranges that may connect in allow"
      : meant
        ? `did you mean "${meant}"?`
        : "remove it",
    meant,
  };
}

function isMapSchema(schema?: z.ZodType): boolean {
  return (
    schema instanceof z.ZodRecord ||
    schema instanceof z.ZodObject ||
    schema instanceof z.ZodDiscriminatedUnion
  );
}

function ruleOf(schema: z.ZodType): Rule {
  const rule = rules.get(schema);
  // A described copy of a schema without a rule has an empty one.
  if (rule?.allowed) return rule;
  if (schema instanceof z.ZodObject) return objectRule(schema);
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
