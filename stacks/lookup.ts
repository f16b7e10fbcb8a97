import { z } from "zod";
import type { Path } from "./faults";

/** Keys that a map at this place may have. */
export function keysOf(schema: z.ZodType, root: unknown, at: Path): string[] {
  const keys = schemasAt(schema, root, at).flatMap((found) =>
    found instanceof z.ZodObject ? Object.keys(found.shape) : [],
  );
  return [...new Set(keys)];
}

/** Schemas for the value at a place, without what only says that it may be left out; several where the value chooses none. */
export function schemasAt(schema: z.ZodType, root: unknown, at: Path): z.ZodType[] {
  const here = bare(schema);
  const [step, ...rest] = at;
  if (here instanceof z.ZodPipe) {
    const read = schemasAt(typed(here.in), root, at);
    return step === undefined ? [here, ...read] : read;
  }
  if (step === undefined) {
    return here instanceof z.ZodUnion ? [here, ...options(here, root)] : [here];
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

/** A schema without what only says that it may be left out, and what it then is. */
export function bare(schema: z.ZodType): z.ZodType {
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
export function typed(schema: z.core.$ZodType): z.ZodType {
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
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date)
  );
}
