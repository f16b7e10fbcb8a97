import { bytes } from "../../values/units";
import { isMap } from "../lookup";
import type { ParsedStack } from "../parse";
import type { FileProblem } from "../problems";
import { installedKeys } from "./schema";

type Said = NonNullable<ParsedStack["observability"]>;

/** What is wrong with the observability of a stack. */
export function observabilityProblems(
  { observability }: Pick<ParsedStack, "observability">,
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
  return tooLittle(observability);
}

/** What Prometheus runs with at least: three files of 128 MB of its log and a block on the disk, and memory in which it ran (docs/facts.md 19.9). */
const least = { disk: "1Gi", memory: "512Mi" } as const;

function tooLittle(observability: Said): FileProblem[] {
  return (["disk", "memory"] as const).flatMap((key) => {
    if (bytes(observability[key]) >= bytes(least[key])) return [];
    return [
      {
        path: ["observability", key],
        problem: "less than Prometheus runs with",
        found: observability[key],
        allowed: `${least[key]} or more`,
        fix: `write ${least[key]} or more, or remove it`,
      },
    ];
  });
}
