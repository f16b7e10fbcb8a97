import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import { StorageClass } from "@pulumi/kubernetes/storage/v1";
import type * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { NvidiaDevicePlugin, type DeviceSharing } from "../../cluster/device-plugin";
import { tagList } from "../tag-list";
import { diskStorageClass, type DiskSku } from "./disks";
import { agentPoolName } from "./names";
import { spotTaint } from "./pools";
import type { AksPool } from "./schema";

type Pools = Readonly<Record<string, AksPool>>;

/** Puts into the cluster what AKS leaves to its owner: the capacity order, disks with tags, the device plugin. */
export function makeAddOns(
  name: string,
  { pools, tags, sku }: { pools: Pools; tags: Readonly<Record<string, string>>; sku: DiskSku },
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
  if (Object.values(pools).every(({ machine }) => machine.gpu === undefined)) {
    return [priorities, storage];
  }
  // Each pool that shares its GPUs does so in its own way.
  const sharing = Object.fromEntries(
    Object.entries(pools).flatMap(([name, { sharing: how }]): [string, DeviceSharing][] =>
      how ? [[name, how]] : [],
    ),
  );
  const plugin = new NvidiaDevicePlugin(
    `${name}-device-plugin`,
    { sharing, taints: [spotTaint] },
    opts,
  );
  return [priorities, storage, plugin];
}

/**
 * Priorities of the cluster autoscaler's priority expander: of all agent pools that could take a pending pod the one with the
 * highest number grows, so each pool's first capacity type comes first. AKS names scale sets `aks-<agent pool>-<number>-vmss`.
 */
function orderPriorities(pools: Pools): string {
  const longest = Math.max(0, ...Object.values(pools).map(({ capacity }) => capacity.length));
  const steps = Array.from({ length: longest }, (_, at): [number, string[]] => [
    longest + 1 - at,
    Object.entries(pools)
      .flatMap(([name, pool]) => {
        const type = pool.capacity[at];
        return type ? [`^aks-${agentPoolName(name, pool, type)}-.*`] : [];
      })
      .sort(),
  ]);
  // Numbers as keys: the autoscaler does not read quoted ones. What no line names would never grow.
  return stringify(new Map([...steps, [1, [".*"]]]));
}
