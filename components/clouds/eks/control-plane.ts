import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup";
import { Cluster, type ClusterArgs } from "@pulumi/aws/eks/cluster";
import { Key } from "@pulumi/aws/kms/key";
import * as pulumi from "@pulumi/pulumi";
import { partition } from "./names";
import type { EksNetwork } from "./network";
import { admitted, EksRole, type Statement } from "./role";
import type { EksSettings } from "./settings";

/** Arguments for {@link EksControlPlane}. */
type EksControlPlaneArgs = EksSettings & { network: EksNetwork };

/** The control plane: secrets encrypted by a key of its own, calls logged, access by IAM alone. */
export class EksControlPlane extends pulumi.ComponentResource {
  /** The cluster. */
  readonly cluster: Cluster;

  constructor(name: string, args: EksControlPlaneArgs, opts: pulumi.ComponentResourceOptions) {
    super("gpu-serving:index:EksControlPlane", name, {}, opts);
    const { clusterName, region, mode, tags, deletionProtection: protect } = args;
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
    const role = new EksRole(
      `${name}-role`,
      {
        ...{ clusterName, region, tags, role: "cluster" },
        service: "eks.amazonaws.com",
        ...(mode === "auto"
          ? { policies: autoModePolicies(region), statements: autoModeTagging }
          : { policies: ["AmazonEKSClusterPolicy"] }),
      },
      child,
    );
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
    const place = { region, clusterName: this.cluster.name };
    for (const { who, arns, policy } of [
      { who: "admin", arns: args.admins, policy: "AmazonEKSClusterAdminPolicy" },
      { who: "viewer", arns: args.viewers, policy: "AmazonEKSViewPolicy" },
    ]) {
      for (const principalArn of arns) {
        const entry = `${name}-${who}-${principalArn.split("/").pop() ?? ""}`;
        admitted(entry, { ...place, principalArn }, policy, { tags }, child);
      }
    }
    this.registerOutputs({});
  }
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

/** What AWS asks the cluster's role to have for Auto Mode (EKS user guide, "Cluster IAM role"). */
function autoModePolicies(region: string): string[] {
  return [
    "AmazonEKSClusterPolicy",
    "AmazonEKSComputePolicy",
    // Both forms demand the same of volumes, the second one also of snapshots (docs/facts.md 3.40).
    partition(region) === "aws" ? "AmazonEKSBlockStoragePolicyV2" : "AmazonEKSBlockStoragePolicy",
    "AmazonEKSLoadBalancingPolicy",
    "AmazonEKSNetworkingPolicy",
  ];
}

/** The cluster a session of Auto Mode works for; AWS fills it in. */
const ownCluster = {
  StringEquals: {
    "aws:RequestTag/eks:eks-cluster-name": "${aws:PrincipalTag/eks:eks-cluster-name}",
  },
};

/**
 * Lets Auto Mode put our tags on what it makes; its managed policies allow its own tags alone
 * (EKS user guide, "Custom AWS tags for EKS Auto resources").
 */
const autoModeTagging: Statement[] = [
  {
    actions: ["ec2:CreateFleet", "ec2:RunInstances", "ec2:CreateLaunchTemplate"],
    conditions: {
      ...ownCluster,
      StringLike: {
        "aws:RequestTag/eks:kubernetes-node-class-name": "*",
        "aws:RequestTag/eks:kubernetes-node-pool-name": "*",
      },
    },
  },
  {
    actions: ["ec2:CreateVolume", "ec2:CreateSnapshot"],
    resources: ["arn:*:ec2:*:*:volume/*", "arn:*:ec2:*:*:snapshot/*"],
    conditions: ownCluster,
  },
  {
    actions: ["ec2:CreateNetworkInterface"],
    conditions: {
      ...ownCluster,
      StringLike: { "aws:RequestTag/eks:kubernetes-cni-node-name": "*" },
    },
  },
  {
    actions: [
      "elasticloadbalancing:CreateLoadBalancer",
      "elasticloadbalancing:CreateTargetGroup",
      "elasticloadbalancing:CreateListener",
      "elasticloadbalancing:CreateRule",
      "ec2:CreateSecurityGroup",
    ],
    conditions: ownCluster,
  },
];
