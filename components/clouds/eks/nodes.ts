import { PlacementGroup } from "@pulumi/aws/ec2/placementGroup";
import { Addon } from "@pulumi/aws/eks/addon";
import type { Cluster } from "@pulumi/aws/eks/cluster";
import { getAddonVersionOutput } from "@pulumi/aws/eks/getAddonVersion";
import { StorageClass } from "@pulumi/kubernetes/storage/v1";
import type * as pulumi from "@pulumi/pulumi";
import { tagList } from "../tag-list";
import type { EksNetwork } from "./network";
import type { EksSettings } from "./settings";

/** Arguments of what makes a cluster's nodes, in both modes. */
export interface NodesArgs extends EksSettings {
  /** Control plane, with its access entries. */
  cluster: Cluster;
  /** Leads to it. */
  kubeconfig: pulumi.Input<string>;
  /** Network of the nodes. */
  network: EksNetwork;
}

/** Names of cluster placement groups, by pool. */
export type PlacementGroups = ReturnType<typeof placementGroups>;

/** Makes a group for each pool whose nodes are to be close to each other; its capacity types share it. */
export function placementGroups(
  name: string,
  { clusterName, region, tags, pools }: NodesArgs,
  opts: pulumi.CustomResourceOptions,
): Readonly<Record<string, pulumi.Output<string>>> {
  return Object.fromEntries(
    Object.entries(pools).flatMap(([pool, { network }]) => {
      if (network === undefined) return [];
      const group = new PlacementGroup(
        `${name}-${pool}-placement`,
        { region, name: `${clusterName}-${pool}`, strategy: "cluster", tags },
        opts,
      );
      return [[pool, group.name]];
    }),
  );
}

/** Name of the class of disks. */
export const diskClass = "gp3";

/** Makes the class of disks: encrypted gp3 in the zone of the pod, with our tags, used where a claim names none. */
export function diskStorageClass(
  name: string,
  provisioner: "ebs.csi.eks.amazonaws.com" | "ebs.csi.aws.com",
  tags: Record<string, string>,
  opts: pulumi.CustomResourceOptions,
): void {
  const annotations = { "storageclass.kubernetes.io/is-default-class": "true" };
  const tagged = tagList(tags).map((tag, at) => [`tagSpecification_${at + 1}`, tag] as const);
  new StorageClass(
    name,
    {
      metadata: { name: diskClass, annotations },
      provisioner,
      volumeBindingMode: "WaitForFirstConsumer",
      allowVolumeExpansion: true,
      parameters: { type: "gp3", encrypted: "true", ...Object.fromEntries(tagged) },
    },
    opts,
  );
}

/** What EKS installs on a cluster. */
export interface AddOn {
  /** Name of the add-on at EKS. */
  addOn: string;
  /** Settings. @default the add-on's own */
  settings?: Record<string, unknown>;
  /** Service account that takes a role. @default none */
  identity?: { serviceAccount: string; roleArn: pulumi.Input<string> };
}

/** Installs add-ons in the version that EKS recommends for the cluster's; they follow when that rises, which EKS does not do by itself. */
export function installed(
  name: string,
  addOns: readonly AddOn[],
  { cluster, region, tags }: Pick<NodesArgs, "cluster" | "region" | "tags">,
  opts: pulumi.CustomResourceOptions,
): Addon[] {
  return addOns.map(
    ({ addOn, settings, identity }) =>
      new Addon(
        `${name}-${addOn}`,
        {
          ...{ region, tags, clusterName: cluster.name, addonName: addOn },
          addonVersion: getAddonVersionOutput(
            { addonName: addOn, kubernetesVersion: cluster.version, region },
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
