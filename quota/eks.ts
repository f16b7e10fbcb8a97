import { z } from "zod";
import { eksDraws } from "../catalog/quota/draws";
import { quotaNeeds, type KnownLimit } from "../catalog/quota/need";
import { machineNames, type Answer, type Question } from "./answer";
import type { Asking, Command } from "./command";

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

/** Asks AWS for the quotas that the pools draw on, and for zones with the machines. What is in use Service Quotas does not tell. */
export async function askEks(asking: Asking, question: Question): Promise<Answer> {
  const { region, pools, account } = question;
  const end = [
    ...["--region", region, "--output", "json"],
    ...(account === undefined ? [] : ["--profile", account]),
  ];
  const limits = new Map<string, KnownLimit>();
  for (const { quota } of quotaNeeds(pools, eksDraws)) {
    const code = quota.split(" ")[0] ?? quota;
    const answer = await asking.ask(serviceQuota, [
      ...["service-quotas", "get-service-quota"],
      ...["--service-code", "ec2", "--quota-code", code, ...end],
    ]);
    limits.set(quota, answer ? { limit: answer.Quota.Value } : "unasked");
  }
  const offered = await asking.ask(offerings, [
    ...["ec2", "describe-instance-type-offerings", "--location-type", "availability-zone"],
    ...["--filters", `Name=instance-type,Values=${machineNames(question).join(",")}`, ...end],
  ]);
  return {
    draws: eksDraws,
    limitOf: (quota) => limits.get(quota) ?? "unasked",
    offersOf: (machine) =>
      offered
        ? offered.InstanceTypeOfferings.flatMap(({ InstanceType, Location }) =>
            InstanceType === machine ? [Location] : [],
          ).sort()
        : "unasked",
  };
}
