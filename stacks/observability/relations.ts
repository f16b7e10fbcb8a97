import type { ParsedStack } from "../parse";
import type { FileProblem } from "../problems";
import { isMap } from "../lookup";
import { installedKeys } from "./schema";

/** What is wrong with the observability of a stack. */
export function observabilityProblems(
  { observability, namespaces }: Pick<ParsedStack, "observability" | "namespaces">,
  values: Readonly<Record<string, unknown>>,
): FileProblem[] {
  if (!observability) return [];
  const said = isMap(values.observability) ? values.observability : {};
  if (observability.existing) {
    return installedKeys
      .filter((key) => Object.hasOwn(said, key))
      .map((key) => ({
        path: ["observability", key],
        problem: "without effect beside existing: nothing is installed",
        allowed: "existing and firstToken",
        fix: "remove it, or remove existing to install Prometheus and Grafana",
      }));
  }
  if (!Object.hasOwn(namespaces, observability.namespace)) return [];
  return [
    {
      path: ["namespaces", observability.namespace],
      problem: "the namespace that observability makes for itself",
      allowed: "other names",
      fix: `rename it, or write observability: { namespace: NAME } with another name`,
    },
  ];
}
