/** A bucket, or a folder of it, for pods of a cluster. */
export interface BucketFolder {
  /** Name of the bucket, as the cloud has it. */
  bucket: string;
  /** Folder of it, without a slash at either end. @default the whole bucket */
  folder?: string;
  /** Region of the cluster. */
  region: string;
}

/** How a program reads a bucket itself, without a mount. */
export interface BucketAddress {
  /** Address of the folder, as loaders of models take it. */
  url: string;
  /** Variables that the cloud's clients need besides what the pod's identity brings. */
  env: Readonly<Record<string, string>>;
}
