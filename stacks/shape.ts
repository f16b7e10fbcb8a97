import type { z } from "zod";
import type { Problem } from "../components/problem";
import { valueAt } from "./lookup";
import { shown } from "./problems";
import { nothing, type Path } from "./words";
import { refusal, type Refusal } from "./wording";

/** A value that its schema takes, or everything that is wrong with its shape. */
export type Shaped<Value> = { value: Value } | { problems: ShapeProblem[] };

/** What is wrong with the shape of a value. */
export interface ShapeProblem extends Problem {
  /** For an unknown key: the key beside it that was probably meant. */
  meant?: Path;
}

/** Reads a value of a file by its schema. */
export function shaped<Value>(schema: z.ZodType<Value>, root: unknown): Shaped<Value> {
  // Here alone zod hands over the schema that refused; the text of an issue leads to what is said of it.
  const refusals: Refusal[] = [];
  const result = schema.safeParse(root, {
    reportInput: true,
    error: (issue) => String(refusals.push(refusal(issue)) - 1),
  });
  if (result.success) return { value: result.data };
  const all = result.error.issues.flatMap((issue) => problemsOf(issue, [], { root, refusals }));
  return { problems: withoutMeant(each(all)) };
}

/** Without keys that are only missing because they are misspelt. */
export function withoutMeant(problems: readonly ShapeProblem[]): ShapeProblem[] {
  const meant = new Set(problems.map((problem) => JSON.stringify(problem.meant)));
  return problems.filter(
    ({ path, found }) => found !== nothing || !meant.has(JSON.stringify(path)),
  );
}

/** The first of several problems of one value. */
function each(problems: readonly ShapeProblem[]): ShapeProblem[] {
  const place = ({ path }: ShapeProblem) => JSON.stringify(path);
  return problems.filter(
    (problem, at) => problems.findIndex((other) => place(other) === place(problem)) === at,
  );
}

function problemsOf(
  issue: z.core.$ZodIssue,
  above: Path,
  from: { root: unknown; refusals: readonly Refusal[] },
): ShapeProblem[] {
  const steps = issue.path.map((step) => (typeof step === "number" ? step : String(step)));
  const path = [...above, ...steps];
  const [ofKey] = issue.code === "invalid_key" ? issue.issues : [];
  const said = from.refusals[Number((ofKey ?? issue).message)];
  if (issue.code === "invalid_union" && !said?.own) {
    // Where only one of the shapes is a map, what is wrong inside of it says more.
    const [inner, ...others] = issue.errors.filter(
      (errors) => errors.length > 0 && !errors.some(isOfTheWhole),
    );
    if (inner && others.length === 0) return inner.flatMap((one) => problemsOf(one, path, from));
  }
  return (said?.words(String(path.at(-1))) ?? []).map(({ key, meant, ...words }) => {
    const at = key === undefined ? path : [...path, key];
    return {
      ...words,
      path: at,
      found: shown(ofKey ? path.at(-1) : valueAt(from.root, at)),
      ...(meant !== undefined && { meant: [...path, meant] }),
    };
  });
}

/** Whether what is refused is the value itself, and not something in it. */
function isOfTheWhole({ path, code }: z.core.$ZodIssue): boolean {
  return path.length === 0 && code !== "unrecognized_keys";
}
