import { z } from "zod";
import { nothing, shown, unknownKey, type Fault, type Path } from "./faults";
import { isMap, keysOf, schemasAt, typed, valueAt } from "./lookup";
import { inWords } from "./wording";
import { nearest } from "./spelling";
import { rules } from "./values/rule";

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
    return [
      { at, found: shown(name), ...inWords(name, name, typed(keyType)) },
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
  const shape =
    issue.code === "invalid_union" ? shapeOf(schemasAt(schema, root, at), value) : undefined;
  if (shape) {
    return schemaFaults(shape, value, "", at).map((fault) => ({ ...fault, at: asPath(fault.at) }));
  }
  if (issue.code === "custom" && issue.params) {
    const { what, allowed, remedy } = custom.parse(issue.params);
    return [{ at, what, found: shown(value), allowed, remedy }];
  }
  return [plainFault(schema, root, at)];
}

/** The one shape that a map can have where a value may be something else too, unless the whole has words of its own for it. */
function shapeOf([whole, ...parts]: z.ZodType[], value: unknown): z.ZodObject | undefined {
  if (!whole || !isMap(value) || rules.get(whole)?.explain?.(value)) return undefined;
  const [only, ...others] = parts.filter((part) => part instanceof z.ZodObject);
  return others.length === 0 ? only : undefined;
}

const custom = z.object({ what: z.string(), allowed: z.string(), remedy: z.string() });

function asPath(at: Path | string): Path {
  return typeof at === "string" ? [at] : at;
}

function plainFault(schema: z.ZodType, root: unknown, at: Path): Found {
  const value = valueAt(root, at);
  return {
    at,
    found: shown(value),
    ...inWords(String(at.at(-1)), value, oneSchemaAt(schema, root, at)),
  };
}

/** The schema for a value; for the key that chooses between several shapes, one that takes any of its words. */
function oneSchemaAt(schema: z.ZodType, root: unknown, at: Path): z.ZodType | undefined {
  const all = schemasAt(schema, root, at);
  const words = all.flatMap((one) =>
    one instanceof z.ZodLiteral ? [...one.values].map(String) : [],
  );
  return all.length > 1 && words.length === all.length ? z.enum(words) : all[0];
}

/** Keys of the design that are refused by name until they exist, with what to do meanwhile. */
const later = new Map([
  ["apiKeys", "not available yet: needs the gateway"],
  ["host", "not available yet: needs the gateway"],
]);

function keyFault(schema: z.ZodType, root: unknown, at: Path, key: string): Found {
  const known = keysOf(schema, root, at);
  const missing = known.filter((name) => valueAt(root, [...at, name]) === undefined);
  const meant = nearest(key, missing) ?? nearest(key, known);
  const strange = schemasAt(schema, root, at)
    .map((one) => rules.get(one)?.stranger?.(key))
    .find((words) => words !== undefined);
  const laterWord = known.includes("allow") ? later.get(key) : undefined;
  if (strange) {
    const allowed = [...known].sort().join(", ");
    return { at: [...at, key], found: shown(valueAt(root, [...at, key])), allowed, ...strange };
  }
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
