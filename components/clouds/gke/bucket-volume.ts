import type { BucketMount, BucketVolume } from "../../cluster/cluster";

/** What Cloud Storage FUSE asks for beside a pod's own containers: GKE's defaults. A quota counts it. */
export const fuseRequests = { cpu: "250m", memory: "256Mi" };

/**
 * Has GKE put Cloud Storage FUSE beside the pod's containers, where it runs with the pod's own identity. Without limits (`0`): it
 * keeps what is written on the node's disk until a file is closed, so GKE's own limit of 5Gi would evict what writes a larger one.
 */
export const bucketPodAnnotations = {
  "gke-gcsfuse/volumes": "true",
  "gke-gcsfuse/cpu-request": fuseRequests.cpu,
  "gke-gcsfuse/cpu-limit": "0",
  "gke-gcsfuse/memory-request": fuseRequests.memory,
  "gke-gcsfuse/memory-limit": "0",
  "gke-gcsfuse/ephemeral-storage-limit": "0",
};

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
