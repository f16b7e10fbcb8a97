import type { Problem } from "../../problem";
import { limits } from "./limits";
import type { PreflightCluster } from "./rule";

/** What is wrong with the tags of everything that costs money. */
export function tagProblems({ kind, tags = {} }: PreflightCluster): Problem[] {
  const { called, key: isKey, value: isValue, reserved, allowed, fix, most } = limits[kind].tags;
  const each = Object.entries(tags).flatMap(([key, value]): Problem[] => {
    const at = { path: ["tags", key], allowed, fix };
    const found = JSON.stringify(key);
    if (reserved?.test(key)) {
      return [{ ...at, problem: "a key that the cloud keeps for itself", found }];
    }
    if (!isKey(key)) return [{ ...at, problem: `not a key of a ${called}`, found }];
    if (isValue(value)) return [];
    return [{ ...at, problem: `not a value of a ${called}`, found: JSON.stringify(value) }];
  });
  const many = Object.keys(tags).length;
  if (most === undefined || many <= most.many) return each;
  const found = `${many} tags`;
  return [
    ...each,
    { path: ["tags"], problem: "too many tags", found, allowed: most.allowed, fix: "remove some" },
  ];
}
