import { StorageClass } from "@pulumi/kubernetes/storage/v1";
import type * as pulumi from "@pulumi/pulumi";
import { tagList } from "../tag-list";

/** Name of the class of disks. */
export const diskClass = "gp3";

/** The class of disks: encrypted gp3 in the zone of the pod, with our tags, used where a claim names none. */
export function diskStorageClass(
  name: string,
  provisioner: "ebs.csi.eks.amazonaws.com" | "ebs.csi.aws.com",
  tags: Record<string, string>,
  opts: pulumi.CustomResourceOptions,
): StorageClass {
  return new StorageClass(
    name,
    {
      metadata: {
        name: diskClass,
        annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
      },
      provisioner,
      volumeBindingMode: "WaitForFirstConsumer",
      allowVolumeExpansion: true,
      parameters: {
        type: "gp3",
        encrypted: "true",
        ...Object.fromEntries(tagList(tags).map((tag, at) => [`tagSpecification_${at + 1}`, tag])),
      },
    },
    opts,
  );
}
