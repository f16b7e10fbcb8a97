import type { z } from "zod";
import { isMap } from "../lookup";

/** What can be told of an entry, even where something in it is refused. */
export interface Salvaged<Fields> {
  /** The entry's fields, defaults applied; those that were refused are left out or have their default. */
  fields: Fields;
  /** Names of the fields that were refused, of which nothing can be told. */
  broken: ReadonlySet<string>;
}

/** Reads what is right in an entry, so that one fault does not hide another; undefined if it is not a map. */
export function salvage<Fields>(
  schema: z.ZodType<Fields>,
  entry: unknown,
): Salvaged<Fields> | undefined {
  if (!isMap(entry)) return undefined;
  const whole = schema.safeParse(entry);
  if (whole.success) return { fields: whole.data, broken: new Set() };
  const refused = whole.error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys" && issue.path.length === 0
      ? issue.keys
      : [String(issue.path[0])],
  );
  const broken = new Set(refused);
  const rest = schema.safeParse(
    Object.fromEntries(Object.entries(entry).filter(([key]) => !broken.has(key))),
  );
  return rest.success ? { fields: rest.data, broken } : undefined;
}

/** {@link salvage} for each entry of a map. */
export function salvageAll<Fields>(
  schema: z.ZodType<Fields>,
  entries: unknown,
): Map<string, Salvaged<Fields>> {
  const all = new Map<string, Salvaged<Fields>>();
  for (const [name, entry] of isMap(entries) ? Object.entries(entries) : []) {
    const salvaged = salvage(schema, entry);
    if (salvaged) all.set(name, salvaged);
  }
  return all;
}
