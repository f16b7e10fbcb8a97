import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { StorageClass } from "@pulumi/kubernetes/storage/v1";
import type * as pulumi from "@pulumi/pulumi";
import { computeClassName, computeClassSpec, diskStorageClasses } from "./ladder";
import type { Ladder } from "./node-pools";

/** StorageClass of disks of nodes without GPUs. */
export const diskStorageClass = diskStorageClasses["pd-balanced"];

/** What the cluster itself has to know: the order in which each pool's rungs are tried, and how disks are made. */
export function clusterObjects(
  name: string,
  ladders: readonly Ladder[],
  labels: Readonly<Record<string, string>>,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const classes = ladders.map(
    (ladder) =>
      new CustomResource(
        `${name}-${ladder.name}-ladder`,
        {
          apiVersion: "cloud.google.com/v1",
          kind: "ComputeClass",
          metadata: { name: computeClassName(ladder.name) },
          spec: computeClassSpec(ladder.rungs),
        },
        opts,
      ),
  );
  const labelled = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
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
