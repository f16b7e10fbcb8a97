import { z } from "zod";
import type { Problem } from "../../problem";
import { eksDraws, eksQuotas, ownDraws } from "../quota/draws";
import { quotaNeeds, type KnownLimit } from "../quota/need";
import { ownOfferProblems } from "../quota/offers";
import { machineNames, type Answer, type Question } from "../quota/answer";
import type { Asking, Command } from "../quota/command";
import { systemPoolOf } from "../system-pool";
import { mostSystemNodes, surgeIn } from "./own-nodes";
import { defaultZones } from "./zones";

/** The command line of AWS. */
export const aws: Command = {
  name: "aws",
  from: "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
  login: "aws sso login, or aws configure",
  loggedOut:
    /locate credentials|ExpiredToken|InvalidClientTokenId|UnrecognizedClient|AuthFailure|[Tt]oken (?:for .* )?(?:has|is) expired|aws sso login|aws login/,
};

/** Asks AWS for the quotas that the nodes draw on, for zones with the machines, and for what the account must have. What is in use Service Quotas does not tell. */
export async function askEks(asking: Asking, question: Question): Promise<Answer> {
  const { region, zones, mode = "auto", pools, account } = question;
  const ask: Ask = (shape, ...args) =>
    asking.ask(shape, [
      ...[...args, "--region", region, "--output", "json"],
      ...(account === undefined ? [] : ["--profile", account]),
    ]);
  const usual = defaultZones(region);
  const { machine: ownMachine, nodes } = systemPoolOf("eks", question.system);
  const most = mostSystemNodes(mode, zones ?? usual, nodes);
  const own = ownDraws(ownMachine, most, [eksQuotas.onDemandStandard]);
  const limits = new Map<string, KnownLimit>();
  for (const { quota } of quotaNeeds(pools, eksDraws, own)) {
    const [code = quota] = quota.split(" ");
    const answer = await ask(
      z.object({ Quota: z.object({ Value: z.number() }) }),
      ...["service-quotas", "get-service-quota", "--service-code", "ec2", "--quota-code", code],
    );
    limits.set(quota, answer ? { limit: answer.Quota.Value } : "unasked");
  }
  const machines = [...machineNames(question), ownMachine.name];
  const offering = z.object({ InstanceType: z.string(), Location: z.string() });
  const offered = await ask(
    z.object({ InstanceTypeOfferings: z.array(offering) }),
    ...["ec2", "describe-instance-type-offerings", "--location-type", "availability-zone"],
    ...["--filters", `Name=instance-type,Values=${machines.join(",")}`],
  );
  const offersOf = (machine: string) =>
    offered?.InstanceTypeOfferings.filter(({ InstanceType }) => InstanceType === machine)
      .map(({ Location }) => Location)
      .sort() ?? "unasked";
  const system = { region, zones, machine: ownMachine.name, usual };
  return {
    problems: [
      ...ownOfferProblems(system, offersOf(ownMachine.name)),
      ...(await withoutSpotRole(ask, question)),
      ...(await leftLogGroup(ask, question)),
    ],
    ...{ draws: eksDraws, own, surge: surgeIn(mode, zones ?? usual), offersOf },
    limitOf: (quota) => limits.get(quota) ?? "unasked",
  };
}

/** Asks in the region and account of the stack. */
type Ask = <Shape extends z.ZodType>(
  shape: Shape,
  ...args: string[]
) => Promise<z.output<Shape> | undefined>;

/** Without this role EC2 gives no spot nodes to those who ask by its API (docs/facts.md 3.30). */
async function withoutSpotRole(ask: Ask, { mode = "auto", pools }: Question): Promise<Problem[]> {
  const [path] = Object.entries(pools).flatMap(([pool, { capacity }]) => {
    const at = capacity.findIndex(({ kind }) => kind === "spot");
    return at === -1 ? [] : [["pools", pool, "capacity", at]];
  });
  if (!path) return [];
  const found = await ask(
    z.object({ Roles: z.array(z.object({ RoleName: z.string() })) }),
    ...["iam", "list-roles", "--path-prefix", "/aws-service-role/spot.amazonaws.com/"],
  );
  if (!found || found.Roles.some(({ RoleName }) => RoleName === "AWSServiceRoleForEC2Spot")) {
    return [];
  }
  const auto = mode === "auto";
  const role = "the account has no service-linked role for spot nodes";
  const make = "aws iam create-service-linked-role --aws-service-name spot.amazonaws.com";
  return [
    {
      path,
      problem: auto
        ? `${role}; Auto Mode may make it with the first one`
        : `${role}, so EC2 gives none`,
      found: '"spot"',
      allowed: "an account with the role AWSServiceRoleForEC2Spot",
      fix: auto
        ? `nothing; where no spot node comes, make the role once: ${make}`
        : `make the role once: ${make}`,
      warning: auto,
    },
  ];
}

/** EKS may make a cluster's log group again while the cluster goes, and then `up` cannot make it (docs/facts.md 3.31). */
async function leftLogGroup(ask: Ask, { stack, region }: Question): Promise<Problem[]> {
  const cluster = `${stack}-cluster`;
  const name = `/aws/eks/${cluster}/cluster`;
  const found = await ask(
    z.object({ logGroups: z.array(z.object({ logGroupName: z.string() })) }),
    ...["logs", "describe-log-groups", "--log-group-name-prefix", name],
  );
  if (!found?.logGroups.some(({ logGroupName }) => logGroupName === name)) return [];
  const living = await ask(z.object({ clusters: z.array(z.string()) }), "eks", "list-clusters");
  if (!living || living.clusters.includes(cluster)) return [];
  return [
    {
      path: ["cluster"],
      problem:
        "the log group of an earlier cluster of this name is still there, so up cannot make it",
      found: JSON.stringify(name),
      allowed: "no log group of this name before there is a cluster",
      fix: `delete it, with the logs in it: aws logs delete-log-group --log-group-name ${name} --region ${region}`,
    },
  ];
}
