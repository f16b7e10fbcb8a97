import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../../problem";
import type { ManagedClusterArgs } from "../managed";
import { problemsOf } from "../rules/rule";
import { rulesOf } from "../rules/rules";
import { systemPoolOf } from "../system-pool";
import { credentialProblems, tokenCredentials, type TokenCredentials } from "./kubeconfig";
import type { EksMode } from "./mode";
import type { EksPool } from "./schema";
import { defaultZones } from "./zones";

/** Arguments for an EKS cluster. */
export interface EksClusterArgs extends Omit<ManagedClusterArgs, "channel"> {
  /**
   * Source ranges, IPv4, that may reach the control plane; empty: only from inside the network. EKS has no endpoint that IAM
   * protects before the first packet, so there is no default.
   */
  access: string[];
  /** Who makes the nodes: EKS Auto Mode, or node groups with add-ons of ours; a living cluster keeps its mode. @default "auto" */
  mode?: EksMode;
  /** Name of the cluster in the account, at most 60 letters, digits and -. @default `<stack>-<name>` */
  clusterName?: string;
  /** Addresses of the cluster's network, a range of /16. @default "10.0.0.0/16" */
  cidr?: string;
  /** One NAT gateway for all zones, or one in each: dearer, and images are still pulled when another zone fails. @default "one" */
  nat?: "one" | "zone";
  /** ARNs of IAM roles that administrate the cluster, besides whoever creates it. @default [] */
  admins?: string[];
  /** ARNs of IAM roles that may read everything in the cluster, such as the one that previews. @default [] */
  viewers?: string[];
  /** Profile and role by which the cluster gives tokens, those of the provider of AWS. @default the config values `aws:profile`, `aws:assumeRoles` */
  credentials?: TokenCredentials;
  /** Pools, with GPUs or without, by name. @default {} */
  pools?: Record<string, EksPool>;
}

/** Kubernetes version of a cluster that names none. EKS follows no channel, so a newer default is a change of this line. */
const defaultVersion = "1.35";

/** What a cluster is made from: its arguments, with what holds where they say nothing. */
export type EksSettings = ReturnType<typeof settingsOf>;

/** Where resources are made, and their tags. */
export type EksPlace = Pick<EksSettings, "clusterName" | "region" | "tags">;

/** The arguments, with what holds where they say nothing. */
export function settingsOf(name: string, args: EksClusterArgs) {
  const { region } = args;
  return {
    region,
    mode: args.mode ?? ("auto" as const),
    version: args.version ?? defaultVersion,
    zones: args.zones ?? defaultZones(region),
    access: args.access,
    admins: args.admins ?? [],
    viewers: args.viewers ?? [],
    clusterName: args.clusterName ?? `${pulumi.getStack()}-${name}`,
    deletionProtection: args.deletionProtection ?? true,
    nat: args.nat ?? ("one" as const),
    cidr: args.cidr ?? "10.0.0.0/16",
    system: systemPoolOf("eks", args.system),
    credentials: args.credentials ?? tokenCredentials(),
    tags: args.tags ?? {},
    pools: args.pools ?? {},
  };
}

/** What is wrong with the arguments, and with how the provider of AWS is configured where they leave that to it. */
export function settingsProblems(
  args: EksClusterArgs,
  { clusterName, cidr, pools }: EksSettings,
): Problem[] {
  const cluster = { ...args, kind: "eks", clusterName, cidr } as const;
  return [
    ...(args.credentials ? [] : credentialProblems()),
    ...problemsOf(rulesOf("eks"), cluster, pools),
  ];
}
