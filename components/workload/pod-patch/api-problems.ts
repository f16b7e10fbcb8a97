import type { Problem } from "../../problem";
import { meantOr } from "../../spelling";
import { numberProblems } from "../bounds";
import type { Form } from "./api-forms";
import { apiRules, type ApiRules } from "./api-rules";
import { isEmpty, together } from "./api-related";
import { isPlainMap } from "./merge";
import { shownValue } from "./shown";

type Fields = Readonly<Record<string, unknown>>;

/** What the API server refuses of a value of a type whose fields have the right types, and only an `up` would show. */
export function apiProblems(type: string, fields: Fields, path: Problem["path"]): Problem[] {
  const rules = apiRules[type] ?? {};
  return [
    ...missingProblems(rules.required ?? [], fields, path),
    ...other(rules, fields, path),
    ...Object.entries(rules.values ?? {}).flatMap(([key, values]) =>
      each(fields[key], [...path, key]).flatMap((one) => valueProblem(one, values)),
    ),
    ...Object.entries(rules.bounds ?? {}).flatMap(([key, bounds]) =>
      each(fields[key], [...path, key]).flatMap(({ value, at }) =>
        typeof value === "number" ? numberProblems(at, value, bounds) : [],
      ),
    ),
    ...Object.entries(rules.forms ?? {}).flatMap(([key, form]) =>
      each(fields[key], [...path, key]).flatMap((one) => formProblem(one, form)),
    ),
    ...Object.entries(rules.keys ?? {}).flatMap(([key, form]) =>
      Object.keys(fields[key] ?? {}).flatMap((value) =>
        formProblem({ value, at: [...path, key, value] }, form),
      ),
    ),
    ...Object.entries(rules.most ?? {}).flatMap(([key, most]) => tooMany(key, most, fields, path)),
    ...(together[type]?.(fields) ?? []).map(({ key, ...words }) => ({
      ...{ path: [...path, key], found: shownValue(fields[key] ?? null), ...words },
    })),
  ];
}

/** A value, and where it is. */
interface Found {
  value: unknown;
  at: Problem["path"];
}

/** The values of a field: the items of a list or a map, or the one that it has. */
function each(value: unknown, at: Problem["path"]): Found[] {
  if (value === undefined) return [];
  if (isPlainMap(value)) {
    return Object.entries(value).map(([key, item]) => ({ value: item, at: [...at, key] }));
  }
  if (!Array.isArray(value)) return [{ value, at }];
  return value.map((item: unknown, place) => ({ value: item, at: [...at, place] }));
}

function formProblem({ value, at }: Found, { fits, allowed, example }: Form): Problem[] {
  if (typeof value !== "string" || fits(value)) return [];
  return [
    {
      ...{ path: at, found: shownValue(value), allowed, fix: `write it like ${example}` },
      problem: "not of the form that Kubernetes takes here",
    },
  ];
}

function tooMany(key: string, most: number, fields: Fields, path: Problem["path"]): Problem[] {
  const { [key]: list } = fields;
  if (!Array.isArray(list) || list.length <= most) return [];
  return [
    {
      ...{ path: [...path, key], found: `${list.length} items`, problem: "too many" },
      ...{ allowed: `at most ${most}`, fix: `leave the first ${most}` },
    },
  ];
}

/** Fields that a map must have, and lacks. */
export function missingProblems(
  required: readonly string[],
  fields: Fields,
  path: Problem["path"],
): Problem[] {
  return required
    .filter((key) => isEmpty(fields[key]))
    .map((key) => ({
      ...{ path, found: shownValue(fields), problem: `no ${key}`, fix: `add ${key}` },
      allowed: `a map with ${required.join(", ")}`,
    }));
}

function other({ one }: ApiRules, fields: Fields, path: Problem["path"]): Problem[] {
  if (!one) return [];
  const given = one.filter((key) => fields[key] !== undefined);
  if (given.length === 1) return [];
  const none = given.length === 0;
  return [
    {
      ...{ path, found: none ? shownValue(fields) : given.join(" and ") },
      problem: none ? "says nothing" : "more than one of them",
      allowed: `one of ${one.join(", ")}`,
      fix: none ? `add one, for example ${one[0]}` : `keep ${given[0]}, or one of the others`,
    },
  ];
}

function valueProblem({ value, at }: Found, values: readonly string[]): Problem[] {
  if (typeof value !== "string" || value === "" || values.includes(value)) return [];
  return [
    {
      ...{ path: at, found: JSON.stringify(value), allowed: values.join(", ") },
      problem: "not a value that Kubernetes takes here",
      fix: meantOr(value, values, "choose one of these"),
    },
  ];
}
