import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup";
import { AccessEntry } from "@pulumi/aws/eks/accessEntry";
import { AccessPolicyAssociation } from "@pulumi/aws/eks/accessPolicyAssociation";
import { Cluster } from "@pulumi/aws/eks/cluster";
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
    const { clusterName, region, version, mode, network, zones, tags } = args;
    const child = { parent: this };
    const protect = args.deletionProtection;
    const auto = mode === "auto";

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
    const role = new EksRole(
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
      child,
    );
    const cluster = new Cluster(
      name,
      {
        region,
        name: clusterName,
        version,
        roleArn: role.arn,
        // What Auto Mode brings and what the node groups' add-ons are is said here, never by EKS alone.
        bootstrapSelfManagedAddons: false,
        computeConfig: { enabled: auto },
        kubernetesNetworkConfig: { elasticLoadBalancing: { enabled: auto } },
        storageConfig: { blockStorage: { enabled: auto } },
        vpcConfig: {
          subnetIds: zones.flatMap((zone) => network.privateSubnets.get(zone) ?? []),
          endpointPrivateAccess: true,
          endpointPublicAccess: args.access.length > 0,
          publicAccessCidrs: args.access.length > 0 ? args.access : undefined,
        },
        accessConfig: {
          authenticationMode: "API",
          bootstrapClusterCreatorAdminPermissions: true,
        },
        encryptionConfig: { provider: { keyArn: key.arn }, resources: ["secrets"] },
        enabledClusterLogTypes: ["api", "audit", "authenticator", "controllerManager", "scheduler"],
        // Otherwise EKS moves on by itself when standard support ends; before it gets dearer, the preflight rules tell.
        upgradePolicy: { supportType: "EXTENDED" },
        deletionProtection: args.deletionProtection,
        tags,
      },
      {
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
      },
    );
    this.cluster = cluster;
    for (const principalArn of args.admins)
      access("admin", principalArn, "AmazonEKSClusterAdminPolicy");
    for (const principalArn of args.viewers) access("viewer", principalArn, "AmazonEKSViewPolicy");
    this.registerOutputs({});

    function access(as: string, principalArn: string, policy: string) {
      const entryName = `${name}-${as}-${principalArn.split("/").pop() ?? ""}`;
      const where = { region, clusterName: cluster.name, principalArn };
      const entry = new AccessEntry(entryName, { ...where, tags }, child);
      new AccessPolicyAssociation(
        entryName,
        {
          ...where,
          policyArn: `arn:${partition(region)}:eks::aws:cluster-access-policy/${policy}`,
          accessScope: { type: "cluster" },
        },
        { ...child, dependsOn: [entry] },
      );
    }
  }
}
