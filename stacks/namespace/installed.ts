import { kedaNamespace } from "../../components/cluster/keda/keda";
import { controllerNamespace } from "../../components/serving/multi-node/controller";
import { defaultNamespace } from "../observability/schema";
import type { ParsedStack } from "../parse";
import type { FileProblem } from "../problems";

type Parsed = Pick<ParsedStack, "observability" | "namespaces" | "autoscaling" | "leaderWorkerSet">;

/** Namespaces that a stack makes for what it installs and that anything else takes, too: `destroy` deletes each with all that is in it. */
export function installedNamespaceProblems(parsed: Parsed): FileProblem[] {
  const { namespaces, observability } = parsed;
  const controllers = controllerNamespaces(parsed);
  const watching = observability && !observability.existing ? observability.namespace : undefined;
  const isDeclared = (name: string) => Object.hasOwn(namespaces, name);
  const problems = Object.entries(controllers)
    .filter(([name]) => isDeclared(name))
    .map(([name, of]) => ({
      path: ["namespaces", name],
      problem: `the namespace that the stack makes for ${of}`,
      allowed: "other names",
      fix: "rename it",
    }));
  if (watching === undefined) return problems;
  const taken =
    watching === "default"
      ? "every cluster has this namespace already"
      : controllers[watching] && `${controllers[watching]} gets this namespace`;
  if (taken !== undefined) {
    const remove = isDeclared(defaultNamespace)
      ? ""
      : `remove it, which means ${defaultNamespace}, or `;
    return [
      ...problems,
      {
        path: ["observability", "namespace"],
        problem: `${taken}, and observability makes one of its own, which destroy deletes with all that is in it`,
        allowed: "the name of a namespace that nobody else has",
        fix: `${remove}choose another name`,
      },
    ];
  }
  if (!isDeclared(watching)) return problems;
  return [
    ...problems,
    {
      path: ["namespaces", watching],
      problem: "the namespace that observability makes for itself",
      allowed: "other names",
      fix: "rename it, or write observability: { namespace: NAME } with another name",
    },
  ];
}

/** What the controllers that a stack installs are called, by their namespaces. */
function controllerNamespaces({ autoscaling, leaderWorkerSet }: Parsed): Record<string, string> {
  return {
    ...(autoscaling?.keda === "install" && { [kedaNamespace]: "KEDA" }),
    ...(leaderWorkerSet === "install" && {
      [controllerNamespace]: "the controller of LeaderWorkerSets",
    }),
  };
}
