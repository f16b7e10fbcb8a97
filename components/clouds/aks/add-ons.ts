import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import { StorageClass } from "@pulumi/kubernetes/storage/v1";
import type * as pulumi from "@pulumi/pulumi";
import { NvidiaDevicePlugin } from "../../cluster/device-plugin";
import type { ManagedPool } from "../managed";
import { tagList } from "../tag-list";
import { diskStorageClass, type DiskSku } from "./disks";
import { orderPriorities } from "./capacity-order";
import { deviceSharing, spotTaint } from "./pools";

/** What is put into a cluster. */
export interface AddOnsArgs {
  /** GPU pools, by name. */
  pools: Readonly<Record<string, ManagedPool>>;
  /** Tags of disks. */
  tags: Readonly<Record<string, string>>;
  /** Kind of disks. */
  sku: DiskSku;
}

/** Puts into the cluster what AKS leaves to its owner: the capacity order, disks with tags, the device plugin. */
export function makeAddOns(
  name: string,
  { pools, tags, sku }: AddOnsArgs,
  opts: pulumi.ResourceOptions,
): pulumi.Resource[] {
  const priorities = new ConfigMap(
    `${name}-ladder`,
    {
      // The autoscaler knows it by this name.
      metadata: { name: "cluster-autoscaler-priority-expander", namespace: "kube-system" },
      data: { priorities: orderPriorities(pools) },
    },
    opts,
  );
  const list = tagList(tags).join(",");
  const storage = new StorageClass(
    `${name}-disk`,
    {
      metadata: { name: diskStorageClass },
      provisioner: "disk.csi.azure.com",
      parameters: { skuName: sku, ...(list && { tags: list }) },
      allowVolumeExpansion: true,
      reclaimPolicy: "Delete",
      // A disk of one zone is where the node of its first pod is.
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
