import type { z } from "zod";
import type { ManagedCloud } from "../../catalog/machines";
import { problemsOf } from "../../components/clouds/rules/rule";
import { rulesOf } from "../../components/clouds/rules/rules";
import type { ManagedPool } from "../../components/clouds/managed";
import type { Problem } from "../../components/problem";
import { nothing, pathText, shown, type Fault } from "../faults";
import { isMap, valueAt } from "../lookup";
import { aksCluster, eksCluster, gkeCluster } from "../managed-schema";
import type { Source } from "../source";
import { cloudOf } from "./pools";
import { salvage } from "./salvage";

type Fields = Partial<Omit<z.output<typeof eksCluster>, "kind">> & { kind?: ManagedCloud };

const forms: Record<ManagedCloud, z.ZodType<Fields>> = {
  gke: gkeCluster.partial(),
  eks: eksCluster.partial(),
  aks: aksCluster.partial(),
};

/** What a cloud would refuse, and what it takes although somebody should know. */
export interface Preflight {
  faults: Fault[];
  warnings: string[];
}

/** Asks the rules of the cluster's cloud about everything that can be read of the cluster and its pools. */
export function preflight(
  { file, others, today }: Source,
  sections: Record<string, unknown>,
  pools: Readonly<Record<string, ManagedPool>>,
): Preflight {
  const { cluster, tags } = sections;
  const kind = cloudOf(cluster);
  if (!kind) return { faults: tagFaults(file, cluster, tags), warnings: [] };
  const account = accountFaults(file, kind, others);
  const read = salvage(forms[kind], cluster);
  const region = read?.fields.region;
  if (!read || region === undefined || read.broken.has("zones"))
    return { faults: account, warnings: [] };
  const found = problemsOf(
    rulesOf(kind),
    { ...read.fields, kind, region, tags: textsOf(tags), today },
    pools,
  );
  return {
    faults: [
      ...account,
      ...found.filter(({ warning }) => !warning).map((one) => faultOf(file, one)),
    ],
    warnings: found.filter(({ warning }) => warning).map((one) => warningOf(file, one)),
  };
}

/** Google Cloud asks with every resource whose it is; AWS and Azure know it from the login. */
function accountFaults(file: string, kind: ManagedCloud, others: Source["others"]): Fault[] {
  if (kind !== "gke" || others.has("gcp:project")) return [];
  return [
    {
      file,
      at: "gcp:project",
      what: "missing: the project that everything is made in",
      found: nothing,
      allowed: "the id of a Google Cloud project",
      remedy: "run pulumi config set gcp:project <id>, or write gcp:project: <id> below config:",
    },
  ];
}

function faultOf(file: string, { path, problem, found, allowed, fix }: Problem): Fault {
  return { file, at: path, what: problem, found, allowed, remedy: fix };
}

function warningOf(file: string, { path, problem, found, fix }: Problem): string {
  return `${file}, ${pathText(path)}: ${problem} (${found}); ${fix}`;
}

function textsOf(tags: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(isMap(tags) ? tags : {}).filter(
      (tag): tag is [string, string] => typeof tag[1] === "string",
    ),
  );
}

/** Tags that nothing would carry. */
function tagFaults(file: string, cluster: unknown, tags: unknown): Fault[] {
  const existing = valueAt(cluster, ["kind"]) === "existing";
  if (!existing || !isMap(tags) || Object.keys(tags).length === 0) return [];
  return [
    {
      file,
      at: ["tags"],
      what: "nothing to tag: this stack makes nothing in a cloud",
      found: shown(tags),
      allowed: "tags beside a cluster of kind gke, eks or aks",
      remedy: "remove tags",
    },
  ];
}
