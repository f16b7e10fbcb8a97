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

/** Explains keys of sidecar containers that only files of other tools have. */
export function hintsForSidecars(own: readonly string[]) {
  return (key: string, entry?: unknown): Explanation | undefined =>
    ["mounts", "volumeMounts", "volumes"].includes(key)
      ? { problem: unknownKey, fix: "remove it: sidecar containers mount what the main one does" }
      : ofOtherTools(key, entry, own, "entries have");
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
