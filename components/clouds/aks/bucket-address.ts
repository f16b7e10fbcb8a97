import type { BucketAddress, BucketFolder } from "../bucket-address";
import { namedBucket } from "./bucket-name";

/** The address of a container, whose storage account is in a variable; undefined where the name is none. */
export function bucketAddress({ bucket, folder = "" }: BucketFolder): BucketAddress | undefined {
  const named = namedBucket(bucket);
  if (!named) return undefined;
  return {
    url: `az://${named.container}/${folder}`,
    env: { AZURE_STORAGE_ACCOUNT_NAME: named.account },
  };
}
