import { problemsOf } from "../../components/clouds/rules/rule";
import { rulesOf } from "../../components/clouds/rules/rules";
import type { ManagedPool } from "../../components/clouds/managed";
import type { Problem } from "../../components/problem";
import type { ParsedStack } from "../parse";
import { noteLine, type FileProblem } from "../problems";
import { nothing } from "../words";
import type { Source } from "../source";

/** What a cloud would refuse, and what it takes although somebody should know. */
export interface Preflight {
  problems: FileProblem[];
  warnings: string[];
}

/** Asks the rules of the cluster's cloud about the cluster and its pools. */
export function preflight(
  { file, others, today }: Pick<Source, "file" | "others" | "today">,
  { cluster, tags }: Pick<ParsedStack, "cluster" | "tags">,
  pools: Readonly<Record<string, ManagedPool>>,
): Preflight {
  if (cluster.kind === "existing") return { problems: tagProblems(file, tags), warnings: [] };
  const found = problemsOf(rulesOf(cluster.kind), { ...cluster, tags, today }, pools);
  return {
    problems: [
      // Google Cloud asks with every resource whose it is; AWS and Azure know it from the login.
      ...(cluster.kind === "gke" && !others.has("gcp:project") ? [{ file, ...noProject }] : []),
      ...found.flatMap(({ warning, ...problem }) => (warning ? [] : [{ file, ...problem }])),
    ],
    warnings: found.flatMap((problem) => (problem.warning ? [noteLine({ file, ...problem })] : [])),
  };
}

const noProject: Problem = {
  path: ["gcp:project"],
  problem: "missing: the project that everything is made in",
  found: nothing,
  allowed: "the id of a Google Cloud project",
  fix: "run pulumi config set gcp:project <id>, or write gcp:project: <id> below config:",
};

/** Tags that nothing would carry. */
function tagProblems(file: string, tags: ParsedStack["tags"]): FileProblem[] {
  if (Object.keys(tags).length === 0) return [];
  return [
    {
      ...{ file, path: ["tags"] },
      problem: "nothing to tag: this stack makes nothing in a cloud",
      allowed: "tags beside a cluster of kind gke, eks or aks",
      fix: "remove tags",
    },
  ];
}
