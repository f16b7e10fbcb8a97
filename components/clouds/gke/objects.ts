import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { StorageClass } from "@pulumi/kubernetes/storage/v1";
import type * as pulumi from "@pulumi/pulumi";
import { tagList } from "../tag-list";
import {
  computeClassName,
  computeClassSpec,
  diskStorageClasses,
  type PlannedPool,
} from "./capacity-order";

/** StorageClass of disks of nodes without GPUs. */
export const diskStorageClass = diskStorageClasses["pd-balanced"];

/** What the cluster itself has to know: the order in which each pool's capacity types are tried, and how disks are made. */
export function clusterObjects(
  name: string,
  pools: readonly PlannedPool[],
  labels: Readonly<Record<string, string>>,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const classes = pools.map(
    (pool) =>
      new CustomResource(
        `${name}-${pool.name}-ladder`,
        {
          apiVersion: "cloud.google.com/v1",
          kind: "ComputeClass",
          metadata: { name: computeClassName(pool.name) },
          spec: computeClassSpec(pool.nodePools),
        },
        opts,
      ),
  );
  const labelled = tagList(labels);
  const disks = Object.entries(diskStorageClasses).map(
    ([type, className]) =>
      new StorageClass(
        `${name}-${type === "pd-balanced" ? "disk" : "hyperdisk"}`,
        {
          metadata: { name: className },
          provisioner: "pd.csi.storage.gke.io",
          parameters: { type, ...(labelled.length > 0 && { labels: labelled.join(",") }) },
          volumeBindingMode: "WaitForFirstConsumer",
          allowVolumeExpansion: true,
          reclaimPolicy: "Delete",
        },
        opts,
      ),
  );
  return [...classes, ...disks];
}
