import { kedaNamespace } from "../../components/cluster/keda/keda";
import { controllerNamespace } from "../../components/serving/multi-node/controller";
import { bytes } from "../../values/units";
import { isMap } from "../lookup";
import type { ParsedStack } from "../parse";
import type { FileProblem } from "../problems";
import type { Path, Words } from "../words";
import { installedKeys } from "./schema";

type Said = NonNullable<ParsedStack["observability"]>;
type Parsed = Pick<ParsedStack, "observability" | "namespaces" | "autoscaling" | "leaderWorkerSet">;

/** What is wrong with the observability of a stack. */
export function observabilityProblems(
  parsed: Parsed,
  values: Readonly<Record<string, unknown>>,
): FileProblem[] {
  const { observability } = parsed;
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
  return [...tooLittle(observability), ...namespaceProblems(observability.namespace, parsed)];
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

/** A namespace that is not observability's alone: `destroy` deletes it with all that is in it. */
function namespaceProblems(
  namespace: string,
  { namespaces, autoscaling, leaderWorkerSet }: Parsed,
): FileProblem[] {
  const refused = (path: Path, words: Words): FileProblem => ({ ...words, path });
  const taken = (by: string) =>
    refused(["observability", "namespace"], {
      problem: `${by}, and observability makes one of its own, which destroy deletes with all that is in it`,
      allowed: "the name of a namespace that nobody else has",
      fix: "remove it, which means observability, or choose another name",
    });
  if (namespace === "default") return [taken("every cluster has this namespace already")];
  if (namespace === kedaNamespace && autoscaling?.keda === "install") {
    return [taken("KEDA gets this namespace")];
  }
  if (namespace === controllerNamespace && leaderWorkerSet === "install") {
    return [taken("the controller of LeaderWorkerSets gets this namespace")];
  }
  if (!Object.hasOwn(namespaces, namespace)) return [];
  return [
    refused(["namespaces", namespace], {
      problem: "the namespace that observability makes for itself",
      allowed: "other names",
      fix: `rename it, or write observability: { namespace: NAME } with another name`,
    }),
  ];
}
