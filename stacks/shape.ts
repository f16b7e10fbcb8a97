import { z } from "zod";
import type { Problem } from "../components/problem";
import { nearest } from "../components/spelling";
import { notAConfigKey } from "../values/names";
import { ruleOf, type Explanation } from "../values/rule";
import { isMap, valueAt } from "./lookup";
import { hiddenText, looksRandom } from "./secret-text";
import { shown, shownAs, unknownKey, type ReadFile } from "./problems";
import { nothing, type Path, type Words } from "./words";

/** A value that its schema takes, or everything that is wrong with its shape. */
export type Shaped<Value> = { value: Value } | { problems: ShapeProblem[] };

/** What is wrong with the shape of a value. */
export interface ShapeProblem extends Problem {
  /** For an unknown key: the key beside it that was probably meant. */
  meant?: Path;
}

/** A file whose shape is looked at. */
interface Looked {
  /** What it holds. */
  root: unknown;
  /** The schemas that refused, in the order of their issues. */
  schemas: readonly unknown[];
  /** Where a value stands in it. */
  place: ReadFile["place"];
}

/** Reads a value of a file by its schema. */
export function shaped<Value>(
  schema: z.ZodType<Value>,
  root: unknown,
  place: ReadFile["place"] = () => undefined,
): Shaped<Value> {
  // Here alone zod hands over the schema that refused; the text of an issue leads to it.
  const schemas: unknown[] = [];
  const result = schema.safeParse(root, {
    reportInput: true,
    error: (issue) => String(schemas.push(issue.schema) - 1),
  });
  if (result.success) return { value: result.data };
  const all = result.error.issues.flatMap((issue) =>
    problemsOf(issue, [], { root, schemas, place }),
  );
  const places = all.map(({ path }) => JSON.stringify(path));
  const firstOfEach = all.filter((_, at) => places.indexOf(places[at] ?? "") === at);
  return { problems: withoutMeant(firstOfEach) };
}

/** Without keys that are only missing because they are misspelt. */
export function withoutMeant(problems: readonly ShapeProblem[]): ShapeProblem[] {
  const meant = new Set(problems.map((problem) => JSON.stringify(problem.meant)));
  return problems.filter(
    ({ path, found }) => found !== nothing || !meant.has(JSON.stringify(path)),
  );
}

function problemsOf(issue: z.core.$ZodIssue, above: Path, from: Looked): ShapeProblem[] {
  const steps = issue.path.map((step) => (typeof step === "number" ? step : String(step)));
  const path = [...above, ...steps];
  const [ofKey] = issue.code === "invalid_key" ? issue.issues : [];
  const { message, input } = ofKey ?? issue;
  const schema = from.schemas[Number(message)];
  const written = shownAs(input, from.place(path)?.written);
  const own = ownWords(input, schema, written);
  if (issue.code === "invalid_union" && !own) {
    // What is wrong inside of the shape that is meant says more: of those that are maps, the one that fits best.
    const [inner] = issue.errors
      .filter((errors) => !errors.some(isOfTheWhole))
      .sort((one, other) => one.length - other.length);
    if (inner) return inner.flatMap((one) => problemsOf(one, path, from));
  }
  const at = String(path.at(-1));
  return wordsOf(ofKey ?? issue, { schema, at, written, own }).map(({ key, meant, ...words }) => {
    const to = key === undefined ? path : [...path, key];
    const found = ofKey ? shown(at) : shownAs(valueAt(from.root, to), from.place(to)?.written);
    return {
      ...words,
      path: to,
      // Whoever pastes a key where the name of one belongs has not meant it to be printed.
      found: words.problem === notAConfigKey && looksRandom(found) ? hiddenText : found,
      ...(meant !== undefined && { meant: [...path, meant] }),
    };
  });
}

/** Whether what is refused is the value itself, and not something in it. */
function isOfTheWhole({ path, code }: z.core.$ZodIssue): boolean {
  return path.length === 0 && code !== "unrecognized_keys";
}

/** Words that the schema has for this very value. */
function ownWords(input: unknown, schema: unknown, written: string): Explanation | undefined {
  const hasRule = schema instanceof z.ZodType && input !== undefined && input !== null;
  return hasRule ? ruleOf(schema).explain?.(input, written) : undefined;
}

const custom = z.object({ problem: z.string(), allowed: z.string(), fix: z.string() });

/** What is said of a refused value; of unknown keys each with its name and the one that was probably meant. */
function wordsOf(
  issue: z.core.$ZodIssue,
  { schema, at, written, own }: { schema: unknown; at: string; written: string; own?: Explanation },
): (Words & { key?: string; meant?: string })[] {
  const { input } = issue;
  if (issue.code === "custom" && issue.params) return [custom.parse(issue.params)];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => unknownKeyWords(key, input, schema));
  }
  if (issue.code === "invalid_union" && "options" in issue && Array.isArray(issue.options)) {
    return [discriminatorWords(at, input, issue.options.map(String))];
  }
  const rule = schema instanceof z.ZodType ? ruleOf(schema) : { allowed: nothing };
  const { allowed, example, missing } = rule;
  if (input === undefined) {
    const such = example ? `, for example ${at}: ${example}` : "";
    return [{ problem: "missing", allowed, fix: missing ?? `add it${such}` }];
  }
  return [
    {
      allowed,
      ...(dateWords(input, schema, written) ?? own ?? byType(input, schema, written, example)),
    },
  ];
}

function unknownKeyWords(key: string, map: unknown, schema: unknown) {
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  const allowed = known.length > 0 ? [...known].sort().join(", ") : nothing;
  const hint = schema instanceof z.ZodObject ? ruleOf(schema).hint?.(key, map) : undefined;
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
  if (isMap(map) && keys.includes(key)) return { allowed, ...unknownWord(map[key], words) };
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
function dateWords(value: unknown, schema: unknown, written: string): Explanation | undefined {
  if (!(value instanceof Date) || isMapSchema(schema) || schema instanceof z.ZodArray) {
    return undefined;
  }
  // Where there is no file, the engine's form of a date is all that is known.
  const iso = JSON.stringify(value);
  const text = written === iso ? iso.slice(1, -1).replace(/T00:00:00\.000Z$/, "") : written;
  return { problem: "a date, not text", fix: `quote it: "${text}"` };
}

/** What is wrong, as far as the types tell. */
function byType(value: unknown, schema: unknown, written: string, example?: string): Explanation {
  const such = example ? `, for example ${example}` : "";
  const isScalar = typeof value !== "object";
  const wrongType = (fix: string) => ({ problem: "wrong type", fix });
  if (value === null) {
    const written = example ? `a value, for example ${example}` : emptyOf(schema);
    return { problem: "no value", fix: `write ${written}, or remove the key` };
  }
  if (schema instanceof z.ZodNumber) {
    if (typeof value === "number") {
      const problem = Number.isInteger(value) ? "out of range" : "not a whole number";
      return { problem, fix: "choose a number in this range" };
    }
    const quoted = typeof value === "string" && /^\d+$/.test(value);
    const plain = quoted ? value.replace(/^0+(?=\d)/, "") : "";
    return wrongType(quoted ? `remove the quotes: ${plain}` : "write a number without quotes");
  }
  if (schema instanceof z.ZodString && typeof value !== "string") {
    return wrongType(isScalar ? `quote it: "${written}"` : `write one text${such}`);
  }
  if (schema instanceof z.ZodBoolean) {
    const words = { true: /^"?(?:true|yes|on)"?$/i, false: /^"?(?:false|no|off)"?$/i };
    const meant = Object.entries(words).find(([, form]) => form.test(shown(value)))?.[0];
    return wrongType(`write ${meant ?? "true or false"}, without quotes`);
  }
  if (schema instanceof z.ZodArray) {
    if (Array.isArray(value)) {
      return { problem: "empty", fix: "list at least one, or remove the key" };
    }
    const item =
      schema.element instanceof z.ZodString && typeof value !== "string" ? `"${written}"` : written;
    return wrongType(isScalar ? `write a list: [${item}]` : "write a list");
  }
  if (isMapSchema(schema) && !isMap(value)) {
    const dashes = Array.isArray(value) ? ", without dashes" : "";
    return wrongType(`write keys with their values${dashes}${such}`);
  }
  if (schema instanceof z.ZodEnum) return unknownWord(value, schema.options.map(String));
  if (schema instanceof z.ZodLiteral) return unknownWord(value, [...schema.values].map(String));
  return { problem: "malformed", fix: "write it as allowed" };
}

/** What stands for nothing in a value of this type; for what is never empty, a word for what is. */
function emptyOf(schema: unknown): string {
  if (schema instanceof z.ZodArray) return "[]";
  if (schema instanceof z.ZodBoolean) return "true or false";
  return isMapSchema(schema) ? "{}" : "a value";
}

function unknownWord(value: unknown, known: readonly string[]): Explanation {
  const meant = typeof value === "string" ? nearest(value, known) : undefined;
  const choice = known.length > 1 ? "choose one of these words" : `write ${known[0]}`;
  return { problem: "unknown word", fix: meant ? `did you mean "${meant}"?` : choice };
}
