import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { BucketMount, BucketVolume } from "../cluster/cluster";
import type { Problem } from "../problem";

/** What a bucket's CSI driver is told. */
export interface DriverSettings {
  /** Name of the driver. */
  driver: string;
  /** What the driver's volumes are described with. */
  volumeAttributes: Record<string, pulumi.Input<string>>;
  /** Options of the mount. */
  mountOptions: string[];
}

/** A bucket as a volume of the cluster with exactly one claim, for drivers that take no volume of a pod's own. */
export function claimedBucket(
  name: string,
  { namespace, write }: BucketMount,
  { driver, volumeAttributes, mountOptions }: DriverSettings,
): Pick<BucketVolume, "source" | "claim"> {
  const content = pulumi.jsonStringify({ write, driver, volumeAttributes, mountOptions });
  const claimName = pulumi.interpolate`${name}-${content.apply(digest)}`;
  const volumeName = pulumi.interpolate`${namespace}-${claimName}`;
  const shared = {
    accessModes: [write ? "ReadWriteMany" : "ReadOnlyMany"],
    // No class: neither a default one nor a provisioner takes the claim.
    storageClassName: "",
  };
  // Kubernetes wants a size, the drivers ignore it.
  const storage = "1Pi";
  return {
    source: { persistentVolumeClaim: { claimName, readOnly: !write } },
    claim: {
      volumeName,
      volume: {
        ...shared,
        capacity: { storage },
        persistentVolumeReclaimPolicy: "Retain",
        claimRef: { namespace, name: claimName },
        mountOptions,
        // Two volumes of one handle on a node are taken for one.
        csi: { driver, volumeHandle: volumeName, volumeAttributes },
      },
      name: claimName,
      namespace,
      spec: { ...shared, volumeName, resources: { requests: { storage } } },
    },
  };
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 10);
}

/** What is wrong with a folder that is to be mounted: not every driver takes it. */
export function folderProblems({ folder }: BucketMount): Problem[] {
  if (
    folder === undefined ||
    (/^[\w.-]+(\/[\w.-]+)*$/.test(folder) && !/(^|\/)\.\.?(\/|$)/.test(folder))
  )
    return [];
  return [
    {
      path: ["folder"],
      problem: "not a folder of a bucket",
      found: JSON.stringify(folder),
      allowed: "names of letters, digits, ., _ and - with a / between each two",
      fix: "write it like models/digits",
    },
  ];
}
