import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { StorageClass } from "@pulumi/kubernetes/storage/v1";
import type * as pulumi from "@pulumi/pulumi";
import { isOpen } from "../cpu-pools";
import { tagList } from "../tag-list";
import { computeClassName, diskStorageClasses, type PlannedPool } from "./capacity-order";

/** What the cluster itself has to know: the order in which each pool's capacity types are tried, and how disks are made. */
export function clusterObjects(
  name: string,
  pools: readonly PlannedPool[],
  labels: Readonly<Record<string, string>>,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  // Nodes that any pod may run on are of no class.
  const ordered = pools.filter(({ pool }) => !isOpen(pool));
  const classes = ordered.map(
    (pool) =>
      new CustomResource(
        `${name}-${pool.name}-ladder`,
        {
          apiVersion: "cloud.google.com/v1",
          kind: "ComputeClass",
          metadata: { name: computeClassName(pool.name) },
          spec: {
            priorities: pool.nodePools.map(({ name }) => ({ nodepools: [name] })),
            // No nodes of any other kind.
            nodePoolAutoCreation: { enabled: false },
            whenUnsatisfiable: "DoNotScaleUp",
            // A replica that runs is not moved to a cheaper capacity type: each move costs the load of a model.
            activeMigration: { optimizeRulePriority: false },
          },
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
