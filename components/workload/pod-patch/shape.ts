import type { Problem } from "../../problem";
import { nearest } from "../../spelling";
import { apiProblems } from "./api-problems";
import { isPlainMap, mergeKeys, type PodPatch } from "./merge";
import { shownValue } from "./shown";

/** A type of the Kubernetes API: its fields, each with the name of its type. */
interface ApiType {
  getAttributeTypeMap: () => readonly { baseName: string; type: string }[];
}

// Only the types that a patch has are loaded, and none where there is no patch.
declare function require(file: string): Readonly<Record<string, ApiType | undefined>>;

const podSpec = "V1PodSpec";
const container = "V1Container";

/** Names of the fields of a type, each with the name of its type; nothing for what is no map of known fields. */
function fieldsOf(type: string): Map<string, string> | undefined {
  if (!/^V\d\w+$/.test(type)) return undefined;
  const { [type]: model } = require(`@kubernetes/client-node/dist/gen/models/${type}.js`);
  const fields = model?.getAttributeTypeMap() ?? [];
  return new Map(fields.map((field) => [field.baseName, field.type]));
}

/** What is wrong with the form of a patch: unknown fields, values of another type or that the API server refuses, items that nothing tells apart. */
export function patchShapeProblems(patch: unknown, path: Problem["path"] = []): Problem[] {
  return valueProblems(podSpec, patch, path);
}

/** Whether a patch has the form of one. */
export function isPodPatch(patch: unknown): patch is PodPatch {
  return patchShapeProblems(patch).length === 0;
}

function valueProblems(type: string, value: unknown, path: Problem["path"]): Problem[] {
  const [, item] = /^Array<(.*)>$/.exec(type) ?? [];
  if (item !== undefined) {
    if (!Array.isArray(value)) return [wrongType(path, value, "a list")];
    const each = value.flatMap((one: unknown, at) => valueProblems(item, one, [...path, at]));
    return each.length > 0 ? each : itemProblems(value, path);
  }
  const [, values] = /^\{ \[key: string\]: (.*); \}$/.exec(type) ?? [];
  const fields = values === undefined ? fieldsOf(type) : undefined;
  if (values === undefined && fields === undefined) return scalarProblems(type, value, path);
  if (!isPlainMap(value)) return [wrongType(path, value, "a map")];
  const problems = Object.entries(value).flatMap(([key, inner]) => {
    const at = [...path, key];
    const of = values ?? fields?.get(key);
    if (of !== undefined) return valueProblems(of, inner, at);
    return [unknownField(at, inner, [...(fields?.keys() ?? [])], type === podSpec)];
  });
  return problems.length > 0 ? problems : apiProblems(type, value, path);
}

/** Texts, numbers and the like, by the names that their types have. */
const scalars: Readonly<Record<string, readonly string[] | undefined>> = {
  string: ["string"],
  number: ["number"],
  boolean: ["boolean"],
  IntOrString: ["number", "string"],
};

function scalarProblems(type: string, value: unknown, path: Problem["path"]): Problem[] {
  const allowed = scalars[type];
  if (value === null) return [wrongType(path, value, "a value")];
  if (allowed === undefined || allowed.includes(typeof value)) return [];
  const words = { string: "text", number: "a number", boolean: "true or false" }[type];
  return [wrongType(path, value, words ?? "a number or text")];
}

function wrongType(path: Problem["path"], value: unknown, allowed: string): Problem {
  const found = shownValue(value);
  if (value === null) {
    const fix = "write a value, or remove the key: a patch removes nothing of the pod";
    return { path, problem: "no value", found: "null", allowed, fix };
  }
  const fixes = new Map([
    ["text", `quote it: "${found}"`],
    ["a list", `write a list: [${found}]`],
  ]);
  const fix = (typeof value !== "object" && fixes.get(allowed)) || `write ${allowed}`;
  return { path, problem: "wrong type", found, allowed, fix };
}

function unknownField(
  path: Problem["path"],
  value: unknown,
  known: readonly string[],
  isPod: boolean,
): Problem {
  const key = String(path.at(-1));
  const allowed = [...known].sort().join(", ");
  const meant = nearest(key, known);
  const fix =
    (isPod ? misplaced(key) : undefined) ?? (meant ? `did you mean "${meant}"?` : "remove it");
  return { path, problem: "unknown key", found: shownValue(value), allowed, fix };
}

/** What is known elsewhere in a manifest. */
function misplaced(key: string): string | undefined {
  if (key === "metadata") return "remove it, and write labels or annotations.pods";
  if (key === "spec" || key === "template") return `write the keys below ${key} themselves`;
  if (!fieldsOf(container)?.has(key) || fieldsOf(podSpec)?.has(key)) return undefined;
  return `write it of a container: containers: [{ name: NAME, ${key}: ... }]`;
}

/** Items of a merged list that have no key, or the same one. */
function itemProblems(items: readonly unknown[], path: Problem["path"]): Problem[] {
  const by = mergeKeys.get(String(path.at(-1)));
  if (by === undefined) return [];
  const keys = items.map((item) => (isPlainMap(item) ? item[by] : undefined));
  return keys.flatMap((key, at): Problem[] => {
    const first = keys.indexOf(key);
    if (key !== undefined && first === at) return [];
    const missing = key === undefined;
    return [
      {
        ...{ path: [...path, at], found: shownValue(items[at]) },
        problem: missing ? `no ${by}` : `${by} given twice, also in item ${first}`,
        allowed: `items with ${by}, each once, by which they are merged`,
        fix: missing ? `add ${by}` : `write one item for ${shownValue(key)}`,
      },
    ];
  });
}
