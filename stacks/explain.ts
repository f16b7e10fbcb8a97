import { z } from "zod";
import { nothing, shown, type Fault, type Path } from "./faults";
import { rules, type Explanation } from "./rule";
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
  const faults = result.error.issues.flatMap((issue) => issueFaults(schema, value, issue));
  const unknown = faults.filter(({ what }) => what === unknownKey);
  return faults
    .filter((fault) => !followsFrom(fault, unknown))
    .map((fault) => ({ ...fault, file, at: [...at, ...fault.at] }));
}

type Found = Omit<Fault, "file" | "at"> & { at: Path; meant?: string };

const unknownKey = "unknown key";

/** A required key is only missing because it was misspelt. */
function followsFrom({ at, what }: Found, unknown: readonly Found[]): boolean {
  return (
    what === "missing" &&
    unknown.some(
      (key) =>
        key.meant === at.at(-1) && key.at.slice(0, -1).join("\0") === at.slice(0, -1).join("\0"),
    )
  );
}

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
  const rule = here ? ruleOf(here) : { allowed: "nothing else" };
  const key = at.at(-1);
  const explanation: Explanation =
    value === undefined
      ? {
          what: "missing",
          remedy: `add it${rule.example ? `, for example ${key}: ${rule.example}` : ""}`,
        }
      : value === null
        ? { what: "no value", remedy: here ? remedyForNull(here, rule.example) : "remove the key" }
        : (rule.explain?.(value) ?? generic(value, here));
  return { at, found: shown(value), allowed: rule.allowed, ...explanation };
}

function remedyForNull(schema: z.ZodType, example?: string): string {
  if (example) return `write a value, for example ${example}, or remove the key`;
  const empty = schema instanceof z.ZodArray ? "[]" : schema instanceof z.ZodString ? '""' : "{}";
  return `write ${empty}, or remove the key`;
}

/** What is wrong, as far as the types tell. */
function generic(value: unknown, schema?: z.ZodType): Explanation {
  if (schema instanceof z.ZodPipe) return generic(value, typed(schema.in));
  if (schema instanceof z.ZodNumber) return numberExplanation(value);
  if (schema instanceof z.ZodString && typeof value !== "string") {
    const scalar = typeof value === "number" || typeof value === "boolean";
    return { what: "wrong type", remedy: scalar ? `quote it: "${value}"` : "write one text" };
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
  if ((schema instanceof z.ZodRecord || schema instanceof z.ZodObject) && !isMap(value)) {
    const remedy = Array.isArray(value)
      ? "write keys with their values, without dashes"
      : "write keys with their values below it";
    return { what: "wrong type", remedy };
  }
  if (schema instanceof z.ZodEnum || schema instanceof z.ZodLiteral) {
    const known = schema instanceof z.ZodEnum ? schema.options : [...schema.values];
    const meant = nearest(String(value), known.map(String));
    return {
      what: "unknown word",
      remedy: meant ? `did you mean "${meant}"?` : `choose one of these words`,
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

function ruleOf(schema: z.ZodType) {
  const rule = rules.get(schema);
  // A described copy of a schema without a rule has an empty one.
  if (rule?.allowed) return rule;
  if (schema instanceof z.ZodObject) {
    return { allowed: `a map with the keys ${Object.keys(schema.shape).sort().join(", ")}` };
  }
  if (schema instanceof z.ZodString) return { allowed: "text" };
  return { allowed: "a value" };
}

/** Keys that a map at this place may have. */
function keysOf(schema: z.ZodType, root: unknown, at: Path): string[] {
  return schemasAt(schema, root, at).flatMap((found) =>
    found instanceof z.ZodObject ? Object.keys(found.shape) : [],
  );
}

/** Schemas for the value at a place, without what only says that it may be left out; several where the value chooses none. */
function schemasAt(schema: z.ZodType, root: unknown, at: Path): z.ZodType[] {
  const here = bare(schema);
  const [step, ...rest] = at;
  if (step === undefined) {
    return here instanceof z.ZodDiscriminatedUnion ? [here, ...options(here, root)] : [here];
  }
  const inner = valueAt(root, [step]);
  if (here instanceof z.ZodObject) {
    const next: unknown = here.shape[step];
    return next instanceof z.ZodType ? schemasAt(next, inner, rest) : [];
  }
  if (here instanceof z.ZodRecord) return schemasAt(typed(here.valueType), inner, rest);
  if (here instanceof z.ZodArray) return schemasAt(typed(here.element), inner, rest);
  if (here instanceof z.ZodUnion)
    return options(here, root).flatMap((option) => schemasAt(option, root, at));
  return [];
}

/** Shapes of a union that the value may mean: the one it names, or all. */
function options(union: z.ZodUnion, value: unknown): z.ZodType[] {
  const all = union.options.map(typed);
  const fitting = all.filter(
    (option) =>
      option instanceof z.ZodObject &&
      Object.entries(option.shape).some(
        ([key, shape]) =>
          shape instanceof z.ZodLiteral && shape.safeParse(valueAt(value, [key])).success,
      ),
  );
  return fitting.length > 0 ? fitting : all;
}

function bare(schema: z.ZodType): z.ZodType {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) {
    return bare(typed(schema.unwrap()));
  }
  return schema;
}

/** The full view of a schema that another one hands out. */
function typed(schema: z.core.$ZodType): z.ZodType {
  if (schema instanceof z.ZodType) return schema;
  throw new TypeError("a schema made by another copy of zod");
}

/** The value at a place of a file; undefined if there is none. */
export function valueAt(root: unknown, at: Path): unknown {
  return at.reduce<unknown>((value, step) => {
    if (Array.isArray(value)) return value[Number(step)];
    return isMap(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  }, root);
}

/** Whether the value is a map of keys to values. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
