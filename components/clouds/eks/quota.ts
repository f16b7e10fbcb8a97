import { z } from "zod";
import { defaultZones } from "./zones";
import type { Problem } from "../../problem";
import { eksDraws, eksQuotas, ownDraws } from "../quota/draws";
import { quotaNeeds, type KnownLimit } from "../quota/need";
import { ownOfferProblems } from "../quota/offers";
import { mostSystemNodes, systemMachine } from "./own-nodes";
import { machineNames, type Answer, type Question } from "../quota/answer";
import type { Asking, Command } from "../quota/command";

/** The command line of AWS. */
export const aws: Command = {
  name: "aws",
  from: "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
  login: "aws sso login, or aws configure",
  loggedOut:
    /locate credentials|ExpiredToken|InvalidClientTokenId|UnrecognizedClient|AuthFailure|[Tt]oken (?:for .* )?(?:has|is) expired|aws sso login|aws login/,
};

const serviceQuota = z.object({ Quota: z.object({ Value: z.number() }) });

const offerings = z.object({
  InstanceTypeOfferings: z.array(z.object({ InstanceType: z.string(), Location: z.string() })),
});

const roles = z.object({ Roles: z.array(z.object({ RoleName: z.string() })) });

const logGroups = z.object({ logGroups: z.array(z.object({ logGroupName: z.string() })) });

const clusters = z.object({ clusters: z.array(z.string()) });

/** Asks AWS for the quotas that the nodes draw on, for zones with the machines, and for what the account must have. What is in use Service Quotas does not tell. */
export async function askEks(asking: Asking, question: Question): Promise<Answer> {
  const { region, zones, mode = "auto", pools, account } = question;
  const usual = defaultZones(region);
  const end = [
    ...["--region", region, "--output", "json"],
    ...(account === undefined ? [] : ["--profile", account]),
  ];
  const own = ownDraws("eks", mostSystemNodes(mode, zones ?? usual), [eksQuotas.onDemandStandard]);
  const limits = new Map<string, KnownLimit>();
  for (const { quota } of quotaNeeds(pools, eksDraws, own)) {
    const code = quota.split(" ")[0] ?? quota;
    const answer = await asking.ask(serviceQuota, [
      ...["service-quotas", "get-service-quota"],
      ...["--service-code", "ec2", "--quota-code", code, ...end],
    ]);
    limits.set(quota, answer ? { limit: answer.Quota.Value } : "unasked");
  }
  const machines = [...machineNames(question), systemMachine];
  const offered = await asking.ask(offerings, [
    ...["ec2", "describe-instance-type-offerings", "--location-type", "availability-zone"],
    ...["--filters", `Name=instance-type,Values=${machines.join(",")}`, ...end],
  ]);
  const offersOf = (machine: string) =>
    offered
      ? offered.InstanceTypeOfferings.flatMap(({ InstanceType, Location }) =>
          InstanceType === machine ? [Location] : [],
        ).sort()
      : "unasked";
  return {
    problems: [
      ...ownOfferProblems(
        { region, zones, machine: systemMachine, usual },
        offersOf(systemMachine),
      ),
      ...(await withoutSpotRole(asking, question, end)),
      ...(await leftLogGroup(asking, question, end)),
    ],
    ...{ draws: eksDraws, own, offersOf },
    limitOf: (quota) => limits.get(quota) ?? "unasked",
  };
}

/** Without this role EC2 gives no spot nodes to those who ask by its API (docs/facts.md 3.30). */
async function withoutSpotRole(
  asking: Asking,
  { mode = "auto", pools }: Question,
  end: readonly string[],
): Promise<Problem[]> {
  const spot = Object.entries(pools).flatMap(([pool, { capacity }]) => {
    const at = capacity.findIndex(({ kind }) => kind === "spot");
    return at === -1 ? [] : [["pools", pool, "capacity", at]];
  });
  const [path] = spot;
  if (!path) return [];
  const found = await asking.ask(roles, [
    ...["iam", "list-roles", "--path-prefix", "/aws-service-role/spot.amazonaws.com/"],
    ...end,
  ]);
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
async function leftLogGroup(
  asking: Asking,
  { stack, region }: Question,
  end: readonly string[],
): Promise<Problem[]> {
  const cluster = `${stack}-cluster`;
  const name = `/aws/eks/${cluster}/cluster`;
  const found = await asking.ask(logGroups, [
    ...["logs", "describe-log-groups", "--log-group-name-prefix", name],
    ...end,
  ]);
  if (!found?.logGroups.some(({ logGroupName }) => logGroupName === name)) return [];
  const living = await asking.ask(clusters, ["eks", "list-clusters", ...end]);
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
