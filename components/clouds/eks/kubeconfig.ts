import type { Cluster } from "@pulumi/aws/eks/cluster";
import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../../problem";
import { execKubeconfig } from "../exec-kubeconfig";

/** Whose token the AWS command line is to get, where that is not who it is logged in as. */
export interface TokenCredentials {
  /** Profile of the AWS configuration. @default that of the environment */
  profile?: string;
  /** ARN of the role that is assumed with it. @default none */
  role?: string;
}

/** The kubeconfig of a cluster, a secret that holds no credentials: it asks the AWS command line for a token of quarter of an hour each time. */
export function kubeconfigOf(
  { endpoint, certificateAuthority }: Cluster,
  name: string,
  region: string,
  { profile, role }: TokenCredentials,
): pulumi.Output<string> {
  const args = [
    ...["eks", "get-token", "--cluster-name", name, "--region", region],
    ...(profile === undefined ? [] : ["--profile", profile]),
    ...(role === undefined ? [] : ["--role-arn", role]),
  ];
  const text = pulumi.all([endpoint, certificateAuthority]).apply(([server, { data }]) =>
    execKubeconfig({
      name,
      cluster: { server, "certificate-authority-data": data },
      exec: { command: "aws", args },
    }),
  );
  return pulumi.secret(text);
}

/** What the default provider of AWS is configured with, by the keys `aws:...`. */
function configured() {
  const config = new pulumi.Config("aws");
  return { config, roles: config.getObject<Record<string, unknown>[]>("assumeRoles") ?? [] };
}

/** Who the default provider of AWS is, for the command line that gets tokens, which nobody else tells. */
export function tokenCredentials(): TokenCredentials {
  const { config, roles } = configured();
  const role = roles[0]?.roleArn;
  return { profile: config.get("profile"), ...(typeof role === "string" && { role }) };
}

/** Keys of the provider that the AWS command line has no option for. */
const withoutOption = [
  ...["accessKey", "secretKey", "token", "assumeRoleWithWebIdentity"],
  ...["sharedConfigFiles", "sharedCredentialsFiles"],
];

/** What of a role the command line takes, or what does not change who one is. */
const taken = ["roleArn", "sessionName", "duration"];

/** Credentials with which the default provider makes a cluster that nobody then gets a token for. */
export function credentialProblems(): Problem[] {
  const { config, roles } = configured();
  const others = withoutOption.filter((key) => config.get(key) !== undefined);
  const unknown = Object.keys(roles[0] ?? {}).filter((key) => !taken.includes(key));
  const several = {
    path: ["aws:assumeRoles"],
    problem: "one role after the other, of which the AWS command line takes one",
    found: `${roles.length} roles`,
  };
  return [
    ...others.map((key) => ({
      path: [`aws:${key}`],
      problem:
        "who the provider is, but not the AWS command line, which gets the tokens of the cluster",
      found: "a value",
    })),
    ...(roles.length > 1 ? [several] : []),
    ...unknown.map((key) => ({
      path: ["aws:assumeRoles", 0, key],
      problem: "what the AWS command line cannot be told of a role",
      found: "a value",
    })),
  ].map((problem) => ({
    ...problem,
    allowed: "aws:profile, aws:assumeRoles with one roleArn, or what the environment has",
    fix: "log in with the AWS command line, or put it into a profile of ~/.aws/config and set aws:profile",
  }));
}
