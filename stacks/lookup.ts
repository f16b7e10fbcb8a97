import type { Path } from "./words";

/** The value at a place of a file; undefined if there is none. */
export function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, step) => {
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

/** Whether a stack file's content names an ESC environment, whose `pulumiConfig` Pulumi merges into its own. */
export function namesEnvironment(content: unknown): boolean {
  return isMap(content) && content.environment != null;
}
