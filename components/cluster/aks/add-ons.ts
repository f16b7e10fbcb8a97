import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import { StorageClass } from "@pulumi/kubernetes/storage/v1";
import type * as pulumi from "@pulumi/pulumi";
import { NvidiaDevicePlugin } from "../device-plugin";
import type { ManagedPool } from "../managed";
import { ladderPriorities } from "./ladder";
import { tagText } from "./load-balancer";
import { deviceSharing, spotTaint } from "./pools";

/** StorageClass of disks. */
export const diskStorageClass = "gpu-serving-disk";

/** Puts into the cluster what AKS leaves to its owner: the ladder's order, disks with tags, the device plugin. */
export function makeAddOns(
  name: string,
  pools: Readonly<Record<string, ManagedPool>>,
  tags: Readonly<Record<string, string>>,
  opts: pulumi.ResourceOptions,
): pulumi.Resource[] {
  const priorities = new ConfigMap(
    `${name}-ladder`,
    {
      // The autoscaler knows it by this name.
      metadata: { name: "cluster-autoscaler-priority-expander", namespace: "kube-system" },
      data: { priorities: ladderPriorities(pools) },
    },
    opts,
  );
  const tagList = tagText(tags);
  const storage = new StorageClass(
    `${name}-disk`,
    {
      metadata: { name: diskStorageClass },
      provisioner: "disk.csi.azure.com",
      parameters: { skuName: "Premium_LRS", ...(tagList && { tags: tagList }) },
      allowVolumeExpansion: true,
      reclaimPolicy: "Delete",
      // A disk is of one zone: that of the node its first pod is put on.
      volumeBindingMode: "WaitForFirstConsumer",
    },
    opts,
  );
  if (Object.keys(pools).length === 0) return [priorities, storage];
  const plugin = new NvidiaDevicePlugin(
    `${name}-device-plugin`,
    { sharing: deviceSharing(pools), taints: [spotTaint] },
    opts,
  );
  return [priorities, storage, plugin];
}
