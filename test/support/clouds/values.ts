import type { Values } from "./kind";

/** How Pulumi marks a value that is more than its JSON: a secret, a reference to a resource. */
const marker = "4dabf18193072939515e22adb298388d";

export function isValues(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value without Pulumi's marks. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isValues(value)) return value;
  if (marker in value) return plain("value" in value ? value.value : (value.id ?? ""));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, item]) => item !== undefined && item !== null && !key.startsWith("__"))
      .map(([key, item]) => [key, plain(item)]),
  );
}

/** Values by name, without Pulumi's marks. */
export function plainValues(values: unknown): Values {
  const result = plain(values ?? {});
  return isValues(result) ? result : {};
}

/** The value at a path such as `nodeConfig.machineType`; a list on the way counts as its first item. */
export function at(values: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((value, step) => {
    const one: unknown = Array.isArray(value) ? value[0] : value;
    return isValues(one) ? one[step] : undefined;
  }, values);
}

/** The text, number or truth value at a path, as a text; undefined where there is none. */
export function textAt(values: unknown, path: string): string | undefined {
  const value = at(values, path);
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? `${value}`
    : undefined;
}

/** All texts in a value; a text that is JSON counts as what it holds. */
export function texts(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(texts);
  if (isValues(value)) {
    // Azure names identities by the keys of an object.
    const keys = Object.keys(value).filter((key) => key.startsWith("/"));
    return [...keys, ...Object.values(value).flatMap(texts)];
  }
  if (typeof value !== "string") return [];
  // Members of IAM bindings are written with their kind before them.
  if (value.startsWith("serviceAccount:")) return [value.slice("serviceAccount:".length)];
  if (/^\s*[[{]/.test(value)) {
    try {
      return texts(JSON.parse(value));
    } catch {
      return [value];
    }
  }
  return [value];
}

/** Paths at which two values differ, with dots between the steps. */
export function changes(before: unknown, after: unknown, path = ""): string[] {
  if (isValues(before) && isValues(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) =>
      changes(before[key], after[key], path === "" ? key : `${path}.${key}`),
    );
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((item, index) => changes(item, after[index], path));
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [path];
}
