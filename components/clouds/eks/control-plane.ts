import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup";
import { AccessEntry } from "@pulumi/aws/eks/accessEntry";
import { AccessPolicyAssociation } from "@pulumi/aws/eks/accessPolicyAssociation";
import { Cluster, type ClusterArgs } from "@pulumi/aws/eks/cluster";
import { Key } from "@pulumi/aws/kms/key";
import * as pulumi from "@pulumi/pulumi";
import { autoModeTagging } from "./auto-mode-policy";
import { autoModePolicies, managedPolicies } from "./managed-policies";
import type { EksMode } from "./mode";
import { partition } from "./names";
import type { EksNetwork } from "./network";
import { EksRole } from "./role";

/** Arguments for {@link EksControlPlane}. */
export interface EksControlPlaneArgs {
  /** Name in the account. */
  clusterName: string;
  /** Region. */
  region: string;
  /** Kubernetes version, such as `1.35`. */
  version: string;
  /** Who makes the nodes. */
  mode: EksMode;
  /** Network it is in. */
  network: EksNetwork;
  /** Zones of the control plane's own addresses, two or more. */
  zones: string[];
  /** Source ranges that may reach it; empty: only from inside the network. */
  access: string[];
  /** ARNs of roles that administrate it, besides whoever creates it. */
  admins: string[];
  /** ARNs of roles that may read everything in it, Secrets among it. */
  viewers: string[];
  /** Whether AWS and Pulumi refuse to delete it. */
  deletionProtection: boolean;
  /** Tags of everything that costs money. */
  tags: Record<string, string>;
}

/** The control plane: secrets encrypted by a key of its own, calls logged, access by IAM alone. */
export class EksControlPlane extends pulumi.ComponentResource {
  /** The cluster. */
  readonly cluster: Cluster;

  constructor(name: string, args: EksControlPlaneArgs, opts: pulumi.ComponentResourceOptions) {
    super("gpu-serving:index:EksControlPlane", name, {}, opts);
    const { clusterName, region, tags, deletionProtection: protect } = args;
    const child = { parent: this };
    const key = new Key(
      `${name}-secrets`,
      {
        region,
        description: `Secrets of the cluster ${clusterName}`,
        enableKeyRotation: true,
        deletionWindowInDays: 30,
        tags,
      },
      { ...child, protect },
    );
    // EKS would make it without an end to its bill, and leave it behind.
    const logs = new LogGroup(
      `${name}-logs`,
      { region, name: `/aws/eks/${clusterName}/cluster`, retentionInDays: 90, tags },
      child,
    );
    const role = clusterRole(name, args, child);
    this.cluster = new Cluster(name, clusterArgs(args, role, key), {
      ...child,
      // Not on the network's way out, which takes minutes meanwhile: nodes wait for it, and leave before it, by themselves.
      dependsOn: [logs, role],
      protect,
      // They are said when it is made, and EKS tells them to nobody: where it was taken into the state afterwards, they look changed,
      // and it would be replaced (hashicorp/terraform-provider-aws#39058).
      ignoreChanges: [
        "bootstrapSelfManagedAddons",
        "accessConfig.bootstrapClusterCreatorAdminPermissions",
      ],
      // About ten minutes (EKS user guide); updates and ends wait for what is left in the network.
      customTimeouts: { create: "30m", update: "60m", delete: "30m" },
    });
    const place = { region, tags, clusterName: this.cluster.name };
    for (const arn of args.admins) {
      access(`${name}-admin`, arn, "AmazonEKSClusterAdminPolicy", place, child);
    }
    for (const arn of args.viewers) {
      access(`${name}-viewer`, arn, "AmazonEKSViewPolicy", place, child);
    }
    this.registerOutputs({});
  }
}

function clusterRole(
  name: string,
  { clusterName, region, mode, tags }: EksControlPlaneArgs,
  opts: pulumi.ComponentResourceOptions,
): EksRole {
  const auto = mode === "auto";
  return new EksRole(
    `${name}-role`,
    {
      roleName: `${clusterName}-cluster`,
      service: "eks.amazonaws.com",
      policies: managedPolicies(
        region,
        auto ? autoModePolicies(region) : ["AmazonEKSClusterPolicy"],
      ),
      statements: auto ? autoModeTagging : [],
      tags,
    },
    opts,
  );
}

function clusterArgs(args: EksControlPlaneArgs, role: EksRole, key: Key): ClusterArgs {
  const { clusterName, region, version, network, zones, access, tags, deletionProtection } = args;
  const auto = args.mode === "auto";
  return {
    ...{ region, version, deletionProtection, tags },
    name: clusterName,
    roleArn: role.arn,
    // What Auto Mode brings and what the node groups' add-ons are is said here, never by EKS alone.
    bootstrapSelfManagedAddons: false,
    computeConfig: { enabled: auto },
    kubernetesNetworkConfig: { elasticLoadBalancing: { enabled: auto } },
    storageConfig: { blockStorage: { enabled: auto } },
    vpcConfig: {
      subnetIds: zones.flatMap((zone) => network.privateSubnets.get(zone) ?? []),
      endpointPrivateAccess: true,
      endpointPublicAccess: access.length > 0,
      publicAccessCidrs: access.length > 0 ? access : undefined,
    },
    accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: true },
    encryptionConfig: { provider: { keyArn: key.arn }, resources: ["secrets"] },
    enabledClusterLogTypes: ["api", "audit", "authenticator", "controllerManager", "scheduler"],
    // Otherwise EKS moves on by itself when standard support ends; before it gets dearer, the preflight rules tell.
    upgradePolicy: { supportType: "EXTENDED" },
  };
}

/** Gives a role the rights of one of EKS's access policies. */
function access(
  name: string,
  principalArn: string,
  policy: string,
  { region, clusterName, tags }: AccessPlace,
  { parent }: { parent: pulumi.Resource },
): void {
  const entryName = `${name}-${principalArn.split("/").pop() ?? ""}`;
  const where = { region, clusterName, principalArn };
  const entry = new AccessEntry(entryName, { ...where, tags }, { parent });
  new AccessPolicyAssociation(
    entryName,
    {
      ...where,
      policyArn: `arn:${partition(region)}:eks::aws:cluster-access-policy/${policy}`,
      accessScope: { type: "cluster" },
    },
    { parent, dependsOn: [entry] },
  );
}

interface AccessPlace extends Pick<EksControlPlaneArgs, "region" | "tags"> {
  clusterName: pulumi.Output<string>;
}
