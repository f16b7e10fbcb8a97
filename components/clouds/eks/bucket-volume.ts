import { claimedBucket } from "../bucket-volume";
import type { BucketMount, BucketVolume } from "../../cluster/cluster";
import { partition } from "./names";

/** A bucket as a volume of the cluster: Mountpoint for S3 knows no volumes of a pod's own. */
export function bucketClaim(
  name: string,
  mount: BucketMount,
  region: string,
): Pick<BucketVolume, "source" | "claim"> {
  const { bucket, folder, write } = mount;
  return claimedBucket(name, mount, {
    driver: "s3.csi.aws.com",
    // Mountpoint takes the role of the pod's service account, by EKS pod identity.
    volumeAttributes: { bucketName: bucket, authenticationSource: "pod" },
    mountOptions: [
      "allow-other",
      ...(write
        ? // The user is the image's choice; new versions of a file replace old ones.
          ["allow-delete", "allow-overwrite", "file-mode 0666", "dir-mode 0777"]
        : ["read-only"]),
      ...(folder ? [`prefix ${folder}/`] : []),
      // Mountpoint finds a bucket's region by itself, but starts from us-east-1, of which other partitions know nothing.
      ...(partition(region) === "aws" ? [] : [`region ${region}`]),
    ],
  });
}
