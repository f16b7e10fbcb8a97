import type { Recorded, Run } from "../support/deploy";

/** What the teams' files and the namespaces led to: every object that is not the cluster's own. */
export function objects({ resources }: Run<object>): Recorded[] {
  return resources
    .filter(({ type, name }) => type.startsWith("kubernetes:") && !/^cluster(-|$)/.test(name))
    .sort((a, b) => (`${a.type} ${a.name}` < `${b.type} ${b.name}` ? -1 : 1));
}

/** An object without the paths that may differ for its type. */
export function without(
  mayDiffer: Readonly<Record<string, RegExp[]>>,
  { type, name, inputs }: Recorded,
) {
  const free = mayDiffer[type] ?? [];
  const kept = leaves(inputs).filter(([path]) => !free.some((form) => form.test(path)));
  return { type, name, inputs: Object.fromEntries(kept) };
}

/** Every value in an object, by its path. */
function leaves(value: unknown, path = ""): [string, unknown][] {
  if (typeof value !== "object" || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) =>
    leaves(inner, path === "" ? key : `${path}.${key}`),
  );
}
