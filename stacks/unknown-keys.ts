import type { Explanation } from "../values/rule";
import { isMap, valueAt } from "./lookup";
import { unknownKey } from "./problems";
import { ofOthers } from "./words-of-others";

/** Explains keys that entries of a section do not have, and those of the other section, or files of other tools, do. */
export function hintsFor(
  other: "services" | "jobs",
  own: readonly string[],
  ofOther: readonly string[],
): (key: string, entry?: unknown) => Explanation | undefined {
  return (key, entry) => {
    if (ofOther.includes(key)) {
      return { problem: `a key of ${other}`, fix: `remove it, or move the entry to ${other}` };
    }
    return ofOtherTools(key, entry, own, `${other} have`);
  };
}

const mounted = ["mounts", "volumeMounts", "volumes"];

/** Explains keys of sidecar containers that only files of other tools have. */
export function hintsForSidecars(own: readonly string[]) {
  return hintsForContainers(own, (key) =>
    mounted.includes(key)
      ? "remove it: sidecar containers mount what the main one does"
      : undefined,
  );
}

/** Explains keys of init containers, likewise. */
export function hintsForInitContainers(own: readonly string[]) {
  return hintsForContainers(own, (key, container) => {
    if (mounted.includes(key)) return "remove it: init containers mount what the main one does";
    if (key !== "restartPolicy") return undefined;
    // What Kubernetes itself calls a sidecar (docs/facts.md 14.9).
    return valueAt(container, [key]) === "Always"
      ? "move the container to sidecars, by its name: it runs on beside the main one"
      : "remove it: one that fails is run again, in a job as often as retries says";
  });
}

/** Explains keys by what this kind of container says of them, or else by what other tools call them. */
function hintsForContainers(
  own: readonly string[],
  ofKind: (key: string, container: unknown) => string | undefined,
) {
  return (key: string, container?: unknown): Explanation | undefined => {
    const fix = ofKind(key, container);
    return fix === undefined
      ? ofOtherTools(key, container, own, "entries have")
      : { problem: unknownKey, fix };
  };
}

function ofOtherTools(
  key: string,
  entry: unknown,
  own: readonly string[],
  others: string,
): Explanation | undefined {
  const meant = ofOthers(key);
  if (!meant) return undefined;
  if (meant.key !== undefined && !own.includes(meant.key)) {
    return { problem: unknownKey, fix: `remove it; ${others} ${meant.key} for it` };
  }
  return { problem: unknownKey, fix: meant.fix(valueAt(entry, [key]), isMap(entry) ? entry : {}) };
}
