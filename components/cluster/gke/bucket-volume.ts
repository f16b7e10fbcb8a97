import type { BucketMount, BucketVolume } from "../cluster";

/** Has GKE put Cloud Storage FUSE beside the pod's containers, where it runs with the pod's own identity. */
export const bucketPodAnnotations = { "gke-gcsfuse/volumes": "true" };

/** A bucket as a volume of the pod's own. */
export function bucketSource({ bucket, folder, write }: BucketMount): BucketVolume["source"] {
  const options = [
    // Folders that nobody made are there, too: other programs write objects without them.
    "implicit-dirs",
    // The user is the image's choice, and only this pod sees the mount.
    ...(write ? ["file-mode=666", "dir-mode=777"] : ["file-mode=444", "dir-mode=555"]),
    ...(folder ? [`only-dir=${folder}`] : []),
  ];
  return {
    csi: {
      driver: "gcsfuse.csi.storage.gke.io",
      readOnly: !write,
      volumeAttributes: { bucketName: bucket, mountOptions: options.join(",") },
    },
  };
}
