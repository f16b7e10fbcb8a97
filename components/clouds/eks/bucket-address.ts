import type { BucketAddress, BucketFolder } from "../bucket-address";

/**
 * The address of an S3 bucket in the cluster's region. EKS brings the credentials. Python's client reads the region from the one
 * variable, others from the other (docs/facts.md 23.5).
 */
export function bucketAddress({ bucket, folder = "", region }: BucketFolder): BucketAddress {
  return {
    url: `s3://${bucket}/${folder}`,
    env: { AWS_REGION: region, AWS_DEFAULT_REGION: region },
  };
}
