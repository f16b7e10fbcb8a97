import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { StorageClass } from "@pulumi/kubernetes/storage/v1";
import type * as pulumi from "@pulumi/pulumi";
import { volumeDiskType } from "./disks";
import { computeClassName, computeClassSpec } from "./ladder";
import type { Ladder } from "./node-pools";

/** Name of the StorageClass of disks. */
export const diskStorageClass = "gpu-serving-disk";

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
  const disk = new StorageClass(
    `${name}-disk`,
    {
      metadata: { name: diskStorageClass },
      provisioner: "pd.csi.storage.gke.io",
      parameters: {
        type: volumeDiskType(ladders.map(({ pool }) => pool.machine)),
        ...(labelled.length > 0 && { labels: labelled.join(",") }),
      },
      volumeBindingMode: "WaitForFirstConsumer",
      allowVolumeExpansion: true,
      reclaimPolicy: "Delete",
    },
    opts,
  );
  return [...classes, disk];
}
