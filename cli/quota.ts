import { askAks, az } from "../components/clouds/aks/quota";
import { askEks, aws } from "../components/clouds/eks/quota";
import { askGke, gcloud } from "../components/clouds/gke/quota";
import type { Answer } from "../components/clouds/quota/answer";
import { Asking } from "../components/clouds/quota/command";
import { quotaProblems, quotaNeeds } from "../components/clouds/quota/need";
import { offerProblems } from "../components/clouds/quota/offers";
import type { Problem } from "../components/problem";
import { Fault } from "../process/fault";
import { readStackFile } from "../stacks/config";
import { valueAt } from "../stacks/lookup";
import { problemLines, StackProblems } from "../stacks/problems";
import { yamlFile } from "../stacks/yaml-file";

/** Prints what the cloud of a stack grants; 1 where something is missing, 2 where not all could be asked. */
export async function run(stack: string, { json = false }: { json?: boolean }): Promise<number> {
  const path = /\.ya?ml$/.test(stack) ? stack : `Pulumi.${stack}.yaml`;
  const found = await lookUp(path).catch((thrown: unknown) => {
    throw thrown instanceof StackProblems ? new Fault(thrown.message) : thrown;
  });
  const { missing, unasked } = found ?? { missing: [], unasked: [] };
  if (json) {
    const told = found ?? { stack, quotas: [], missing, remarks: [], unasked };
    console.log(JSON.stringify(told, infinite, 2));
  } else if (found) console.log(report(path, found));
  else {
    console.log(
      `${path} takes a cluster that is there already, whose quotas are its owner's: there is nothing to ask.`,
    );
  }
  if (missing.length > 0) return 1;
  return unasked.length > 0 ? 2 : 0;
}

/** JSON has no number without limit. */
function infinite(_: string, value: unknown): unknown {
  return value === Infinity ? "unlimited" : value;
}

/** How each cloud is asked, and which key of the stack file says whose quota it is: a project's, profile's or subscription's. */
const clouds = {
  gke: { command: gcloud, ask: askGke, accountKey: "gcp:project" },
  eks: { command: aws, ask: askEks, accountKey: "aws:profile" },
  aks: { command: az, ask: askAks, accountKey: "azure-native:subscriptionId" },
};

/** Asks the cloud of a stack file; undefined where the stack makes no nodes, so that there is nothing to ask. */
export async function lookUp(path: string, env = process.env) {
  const { name, cluster, volumes } = readStackFile(path);
  if (cluster.kind === "existing") return undefined;
  const { kind, region, zones, pools, system } = cluster;
  const { command, ask, accountKey } = clouds[kind];
  const account = textOf(path, accountKey);
  const asking = new Asking(command, env);
  const makesDisks = Object.values(volumes).some((volume) => volume.kind === "disk");
  const mode = cluster.kind === "eks" ? cluster.mode : undefined;
  const answer = await ask(asking, {
    ...{ stack: name, region, zones, mode, system, pools, makesDisks, account },
  });
  const needs = [
    ...quotaNeeds(pools, answer.draws, answer.own, answer.surge),
    ...(answer.needs ?? []),
  ];
  const problems = [
    ...(answer.problems ?? []),
    ...offerProblems(cluster, pools, answer.offersOf),
    ...quotaProblems(needs, answer.limitOf),
  ];
  return {
    ...{ stack: name, cloud: kind, region, account },
    /** What the pools at `nodes.max` and the cluster's own nodes take from each quota, and what is granted of it. */
    quotas: needs.map(({ quota, unit, amount, parts, own }) => ({
      ...{ quota, unit, amount, parts, own },
      ...granted(answer, quota),
    })),
    /** What is missing, and where in the stack file it is asked for. */
    missing: problems.filter(({ warning }) => !warning),
    /** What somebody should know, although nothing is missing for certain. */
    remarks: problems.filter(({ warning }) => warning),
    /** What the cloud did not answer. */
    unasked: asking.unasked,
  };
}

/** What the cloud says of what a stack needs. */
type LookUp = NonNullable<Awaited<ReturnType<typeof lookUp>>>;

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

/** What was found, for people. */
function report(file: string, found: LookUp): string {
  const { cloud, region, account, missing, remarks, unasked, quotas } = found;
  const at = `${region}${account === undefined ? "" : ` (${account})`} on ${cloud}`;
  const things = missing.length === 1 ? "1 thing is" : `${missing.length} things are`;
  const rows = quotas.map(({ quota, amount, unit, limit, used }) => {
    const granted = limit === undefined ? "limit not told" : `${limit} granted`;
    return `  ${quota}: ${amount} ${unit} needed, ${granted}${used === undefined ? "" : `, ${used} in use`}`;
  });
  const lines = (problems: Problem[]) => problems.flatMap((problem) => problemLines("  ", problem));
  const section = (title: string, rows: string[]) => (rows.length > 0 ? ["", title, ...rows] : []);
  return [
    missing.length > 0
      ? `${things} missing in ${at}; nothing was created or changed.`
      : `${unasked.length > 0 ? "What could be asked is there" : "Nothing is missing"} in ${at}.`,
    ...section(file, lines(missing)),
    ...section("To know", lines(remarks)),
    ...section(
      "Not answered",
      unasked.map((sentence) => `  ${sentence}`),
    ),
    ...section("Quotas, all pools at nodes.max", rows),
  ].join("\n");
}
