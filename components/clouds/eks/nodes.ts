import type { Cluster } from "@pulumi/aws/eks/cluster";
import type * as pulumi from "@pulumi/pulumi";
import type { ManagedPool } from "../managed";
import type { SystemPool } from "./auto-pools";
import { managedPolicies } from "./managed-policies";
import type { EksNetwork } from "./network";
import { EksRole } from "./role";

/** Arguments of what makes a cluster's nodes, in both modes. */
export interface NodesArgs {
  /** Name of the cluster in the account. */
  clusterName: string;
  /** Region. */
  region: string;
  /** Kubernetes version of the control plane. */
  version: string;
  /** Control plane, with its access entries. */
  cluster: Cluster;
  /** Leads to it. */
  kubeconfig: pulumi.Input<string>;
  /** Network of the nodes. */
  network: EksNetwork;
  /** Zones of nodes, unless a pool says otherwise. */
  zones: string[];
  /** Nodes without GPU. */
  system: SystemPool;
  /** GPU pools, by name. */
  pools: Readonly<Record<string, ManagedPool>>;
  /** Tags of everything that costs money. */
  tags: Record<string, string>;
}

/** The role of a cluster's nodes, with policies that AWS keeps. */
export function nodeRole(
  name: string,
  { clusterName, region, tags }: Pick<NodesArgs, "clusterName" | "region" | "tags">,
  policies: readonly string[],
  opts: pulumi.ComponentResourceOptions,
): EksRole {
  return new EksRole(
    `${name}-role`,
    {
      roleName: `${clusterName}-node`,
      service: "ec2.amazonaws.com",
      policies: managedPolicies(region, policies),
      tags,
    },
    opts,
  );
}
