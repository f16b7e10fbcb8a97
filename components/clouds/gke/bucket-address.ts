import type { BucketAddress, BucketFolder } from "../bucket-address";

/** The address of a bucket of Cloud Storage; its clients find the pod's identity on the metadata server. */
export function bucketAddress({ bucket, folder = "" }: BucketFolder): BucketAddress {
  return { url: `gs://${bucket}/${folder}`, env: {} };
}
