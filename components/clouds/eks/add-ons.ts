import { Addon } from "@pulumi/aws/eks/addon";
import type { Cluster } from "@pulumi/aws/eks/cluster";
import { getAddonVersionOutput } from "@pulumi/aws/eks/getAddonVersion";
import type * as pulumi from "@pulumi/pulumi";

/** What EKS installs on a cluster with node groups. */
export interface AddOn {
  /** Name of the add-on at EKS. */
  addOn: string;
  /** Settings. @default the add-on's own */
  settings?: Record<string, unknown>;
  /** Service account that takes a role. @default none */
  identity?: { serviceAccount: string; roleArn: pulumi.Input<string> };
}

/** Needed before a node is ready: pods get addresses and policies, Services a way, identities an agent. */
export const addOnsBeforeNodes: AddOn[] = [
  // The value is text: the add-on's schema has it so.
  { addOn: "vpc-cni", settings: { enableNetworkPolicy: "true" } },
  { addOn: "kube-proxy" },
  { addOn: "eks-pod-identity-agent" },
];

/** Need nodes to become active: names for pods, and reports of broken nodes, which EKS replaces. */
export const addOnsBehindNodes: AddOn[] = [
  { addOn: "coredns" },
  { addOn: "eks-node-monitoring-agent" },
];

/** Disks; needs nodes, and a role to make them with. */
export function disks(roleArn: pulumi.Input<string>): AddOn {
  return {
    addOn: "aws-ebs-csi-driver",
    identity: { serviceAccount: "ebs-csi-controller-sa", roleArn },
  };
}

/** Buckets as volumes, each with the identity of its pods; needs nodes. */
export const buckets: AddOn = {
  addOn: "aws-mountpoint-s3-csi-driver",
  // GPU nodes are tainted.
  settings: { node: { tolerateAllTaints: true } },
};

/** Installs add-ons in the version that EKS recommends for the cluster's; they follow when that rises, which EKS does not do by itself. */
export function installed(
  name: string,
  addOns: AddOn[],
  cluster: Cluster,
  where: { region: string; tags: Record<string, string> },
  opts: pulumi.CustomResourceOptions,
): Addon[] {
  return addOns.map(
    ({ addOn, settings, identity }) =>
      new Addon(
        `${name}-${addOn}`,
        {
          ...where,
          clusterName: cluster.name,
          addonName: addOn,
          addonVersion: getAddonVersionOutput(
            { addonName: addOn, kubernetesVersion: cluster.version, region: where.region },
            { parent: opts.parent },
          ).version,
          configurationValues: settings && JSON.stringify(settings),
          podIdentityAssociations: identity && [identity],
          resolveConflictsOnCreate: "OVERWRITE",
          resolveConflictsOnUpdate: "OVERWRITE",
        },
        opts,
      ),
  );
}
