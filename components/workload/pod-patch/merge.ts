import type { core } from "@pulumi/kubernetes/types/input";
import * as pulumi from "@pulumi/pulumi";

/**
 * More of the spec of a workload's pods, as Kubernetes has it, as far as no argument says it. It is merged last, as in a strategic merge patch;
 * containers are those that the pods have.
 */
export type PodPatch = pulumi.Unwrap<core.v1.PodSpecPatch>;

/** What tells items of a list from each other, by the name of the list (docs/facts.md 14.10); another list takes the place of ours. */
export const mergeKeys: ReadonlyMap<string, string> = new Map([
  ["containers", "name"],
  ["env", "name"],
  ["ephemeralContainers", "name"],
  ["hostAliases", "ip"],
  ["imagePullSecrets", "name"],
  ["initContainers", "name"],
  ["ports", "containerPort"],
  ["resourceClaims", "name"],
  ["schedulingGates", "name"],
  ["topologySpreadConstraints", "topologyKey"],
  ["volumeDevices", "devicePath"],
  ["volumeMounts", "mountPath"],
  ["volumes", "name"],
]);

/** Whether the value is a map that is known before the run. */
export function isPlainMap(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return !(value instanceof Promise) && !pulumi.Output.isInstance(value);
}

/** The spec of a pod with what a patch that passed the checks says. */
export function patched<Made extends object>(made: Made, patch: object): Made {
  const before = new Map<string, unknown>(Object.entries(made));
  const changes = Object.entries(patch).map(([key, value]: [string, unknown]) => {
    return [key, merged(key, before.get(key), value)] as const;
  });
  return { ...made, ...Object.fromEntries(changes) };
}

function merged(key: string, made: unknown, patch: unknown): unknown {
  if (isPlainMap(made) && isPlainMap(patch)) return patched(made, patch);
  const by = mergeKeys.get(key);
  if (by === undefined || !Array.isArray(made) || !Array.isArray(patch)) return patch;
  const keyOf = (item: unknown) => (isPlainMap(item) ? item[by] : undefined);
  const ours: unknown[] = made.map((item: unknown) => {
    const change: unknown = patch.find((other) => keyOf(other) === keyOf(item));
    return change === undefined ? item : merged("", item, change);
  });
  const added: unknown[] = patch.filter(
    (item: unknown) => !made.some((other) => keyOf(other) === keyOf(item)),
  );
  // The text of a variable can name those before it alone: the entry's may name these, which have no text.
  return key === "env" ? [...added, ...ours] : [...ours, ...added];
}
