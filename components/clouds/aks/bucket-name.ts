import type { Problem } from "../../problem";

/** What a bucket may be called: a container of a storage account, in the cluster's subscription or by its id. */
export const bucketForms =
  "group/account/container, with the storage account's resource group, or the container's resource id";

const byGroup = /^([\w.()-]{1,90})\/([^/]+)\/([^/]+)$/;
// Azure writes the words of an id in any case, the names of accounts and containers in lower case alone.
const byId =
  /^\/subscriptions\/[^/\s]+\/resourceGroups\/([^/\s]+)\/providers\/Microsoft\.Storage\/storageAccounts\/([^/]+)\/blobServices\/default\/containers\/([^/]+)$/i;
const accountName = /^[a-z0-9]{3,24}$/;
const containerName = /^[a-z0-9$][a-z0-9-]{2,62}$/;

/** A container of a storage account. */
export interface NamedBucket {
  /** Resource group of the account. */
  group: string;
  account: string;
  container: string;
}

/** What the name of a bucket says; undefined where it is of none of {@link bucketForms}. */
export function namedBucket(bucket: string): NamedBucket | undefined {
  const [, group = "", account = "", container = ""] =
    byGroup.exec(bucket) ?? byId.exec(bucket) ?? [];
  const known = accountName.test(account) && containerName.test(container);
  return known ? { group, account, container } : undefined;
}

/**
 * What is wrong with the name of a bucket, for a cluster of this name in Azure. The cluster's own resource groups go with the
 * cluster, and everything in them: no data that should stay is in one.
 */
export function bucketProblems(bucket: string, azureName: string): Problem[] {
  const path = ["bucket"];
  const found = JSON.stringify(bucket);
  const named = namedBucket(bucket);
  if (!named) {
    const fix = "write it like acme-storage/acmemodels/digits";
    return [
      { path, problem: "not a container of a storage account", found, allowed: bucketForms, fix },
    ];
  }
  const { group } = named;
  const own = [azureName, nodeResourceGroup(azureName)];
  if (!own.some((name) => name.toLowerCase() === group.toLowerCase())) return [];
  return [
    {
      path,
      problem: `${group} is the cluster's own resource group and is deleted with it`,
      found,
      allowed: "a container in a resource group that outlives the cluster",
      fix: "move the storage account to another resource group",
    },
  ];
}

/** Resource group that AKS makes for the nodes of a cluster, their disks and load balancers. */
export function nodeResourceGroup(azureName: string): string {
  return `${azureName}-nodes`;
}

/** Resource id of a container. */
export function containerId(bucket: string, subscription: string): string {
  if (bucket.startsWith("/")) return bucket;
  const [group = "", account = "", container = ""] = bucket.split("/");
  return `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Storage/storageAccounts/${account}/blobServices/default/containers/${container}`;
}

/** What a container's resource id is made of; Azure writes the words between in any case. */
export function containerParts(id: string) {
  const [, , subscription = "", , group = "", , , , account = "", , , , container = ""] =
    id.split("/");
  return { subscription, group, account, container };
}
