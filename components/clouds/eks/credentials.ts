import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../../problem";

/** Whose token the AWS command line is to get, where that is not who it is logged in as. */
export interface TokenCredentials {
  /** Profile of the AWS configuration. @default that of the environment */
  profile?: string;
  /** ARN of the role that is assumed with it. @default none */
  role?: string;
}

/** A role that the provider assumes, as the configuration has it. */
type AssumedRole = Readonly<Record<string, unknown>>;

/** What the provider of AWS is configured with, as far as tokens of the cluster depend on it. */
export interface ProviderCredentials {
  profile?: string;
  /** Roles that are assumed one after the other. */
  assumeRoles?: readonly AssumedRole[];
  /** Names of the other keys that say who the provider is. */
  others: readonly string[];
}

/** Keys of the provider that the AWS command line has no option for. */
const withoutOption = [
  ...["accessKey", "secretKey", "token", "assumeRoleWithWebIdentity"],
  ...["sharedConfigFiles", "sharedCredentialsFiles"],
];

/** Reads the keys `aws:...` that the default provider reads, too. */
export function providerCredentials(config = new pulumi.Config("aws")): ProviderCredentials {
  return {
    profile: config.get("profile"),
    assumeRoles: config.getObject<AssumedRole[]>("assumeRoles"),
    others: withoutOption.filter((key) => config.get(key) !== undefined),
  };
}

/** The same for the command line that gets tokens, which nobody else tells. */
export function tokenCredentials({ profile, assumeRoles }: ProviderCredentials): TokenCredentials {
  const role = assumeRoles?.[0]?.roleArn;
  return { profile, ...(typeof role === "string" && { role }) };
}

/** What of a role the command line takes, or what does not change who one is. */
const taken = ["roleArn", "sessionName", "duration"];

/** Credentials with which the provider makes a cluster that nobody then gets a token for. */
export function credentialProblems({ assumeRoles = [], others }: ProviderCredentials): Problem[] {
  const common = {
    allowed: "aws:profile, aws:assumeRoles with one roleArn, or what the environment has",
    fix: "log in with the AWS command line, or put it into a profile of ~/.aws/config and set aws:profile",
  };
  const unknown = Object.keys(assumeRoles[0] ?? {}).filter((key) => !taken.includes(key));
  return [
    ...others.map((key) => ({
      path: [`aws:${key}`],
      problem:
        "who the provider is, but not the AWS command line, which gets the tokens of the cluster",
      found: "a value",
      ...common,
    })),
    ...(assumeRoles.length <= 1
      ? []
      : [
          {
            path: ["aws:assumeRoles"],
            problem: "one role after the other, of which the AWS command line takes one",
            found: `${assumeRoles.length} roles`,
            ...common,
          },
        ]),
    ...unknown.map((key) => ({
      path: ["aws:assumeRoles", 0, key],
      problem: "what the AWS command line cannot be told of a role",
      found: "a value",
      ...common,
    })),
  ];
}
