import type { Problem } from "../components/problem";
import { quotaProblems, quotaNeeds, type Need } from "../components/clouds/quota/need";
import { offerProblems } from "../components/clouds/quota/offers";
import type { ManagedCloud } from "../catalog/machines";
import { readStackFile } from "../stacks/config";
import { valueAt } from "../stacks/lookup";
import { yamlFile } from "../stacks/yaml-file";
import { askAks, az } from "../components/clouds/aks/quota";
import type { Answer, Question } from "../components/clouds/quota/answer";
import { Asking, type Command } from "../components/clouds/quota/command";
import { askEks, aws } from "../components/clouds/eks/quota";
import { askGke, gcloud } from "../components/clouds/gke/quota";

/** What the cloud says of what a stack needs. */
export interface LookUp {
  /** Name of the stack. */
  stack: string;
  /** Its cloud and region. */
  cloud: ManagedCloud;
  region: string;
  /** Project, profile or subscription of the stack file that was asked. */
  account?: string;
  /** What the pools at `nodes.max` and the cluster's own nodes take from each quota, and what is granted of it. */
  quotas: (Need & { limit?: number; used?: number })[];
  /** What is missing, and where in the stack file it is asked for. */
  missing: Problem[];
  /** What somebody should know, although nothing is missing for certain. */
  remarks: Problem[];
  /** What the cloud did not answer. */
  unasked: string[];
}

/** How each cloud is asked, and which key of the stack file says whose quota it is. */
const clouds: Record<
  ManagedCloud,
  {
    command: Command;
    ask: (asking: Asking, question: Question) => Promise<Answer>;
    accountKey: string;
  }
> = {
  gke: { command: gcloud, ask: askGke, accountKey: "gcp:project" },
  eks: { command: aws, ask: askEks, accountKey: "aws:profile" },
  aks: { command: az, ask: askAks, accountKey: "azure-native:subscriptionId" },
};

/** Asks the cloud of a stack file; undefined where the stack makes no nodes, so that there is nothing to ask. */
export async function lookUp(path: string, env = process.env): Promise<LookUp | undefined> {
  const { name, cluster, volumes } = readStackFile(path);
  if (cluster.kind === "existing") return undefined;
  const { kind, region, zones, pools } = cluster;
  const { command, ask, accountKey } = clouds[kind];
  const account = textOf(path, accountKey);
  const asking = new Asking(command, env);
  const makesDisks = Object.values(volumes).some((volume) => volume.kind === "disk");
  const mode = cluster.kind === "eks" ? cluster.mode : undefined;
  const answer = await ask(asking, {
    ...{ stack: name, region, zones, mode, pools, makesDisks, account },
  });
  const needs = [...quotaNeeds(pools, answer.draws, answer.own), ...(answer.needs ?? [])];
  const problems = [
    ...(answer.problems ?? []),
    ...offerProblems(cluster, pools, answer.offersOf),
    ...quotaProblems(needs, answer.limitOf),
  ];
  return {
    ...{ stack: name, cloud: kind, region, account },
    quotas: needs.map(({ quota, unit, amount, parts, own }) => ({
      ...{ quota, unit, amount, parts, own },
      ...granted(answer, quota),
    })),
    missing: problems.filter(({ warning }) => !warning),
    remarks: problems.filter(({ warning }) => warning),
    unasked: asking.unasked,
  };
}

function granted({ limitOf }: Answer, quota: string): { limit?: number; used?: number } {
  const known = limitOf(quota);
  if (known === "unasked") return {};
  return known === "none" ? { limit: 0 } : known;
}

/** A key of a provider, which the checked stack leaves out. */
function textOf(path: string, key: string): string | undefined {
  const read = yamlFile(path);
  const value = "content" in read ? valueAt(read.content, ["config", key]) : undefined;
  return typeof value === "string" ? value : undefined;
}
