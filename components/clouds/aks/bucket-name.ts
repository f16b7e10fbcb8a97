import type { Problem } from "../../problem";

/** What a bucket may be called: a container of a storage account, in the cluster's subscription or by its id. */
export const bucketForms =
  "group/account/container, with the storage account's resource group, or the container's resource id";

const byGroup = /^(?<group>[\w.()-]{1,90})\/(?<account>[^/]+)\/(?<container>[^/]+)$/;
// Azure writes the words of an id in any case, the names of accounts and containers in lower case alone.
const byId =
  /^\/subscriptions\/(?<subscription>[^/\s]+)\/resourceGroups\/(?<group>[^/\s]+)\/providers\/Microsoft\.Storage\/storageAccounts\/(?<account>[^/]+)\/blobServices\/default\/containers\/(?<container>[^/]+)$/i;
const accountName = /^[a-z0-9]{3,24}$/;
const containerName = /^[a-z0-9$][a-z0-9-]{2,62}$/;

/** A container of a storage account. */
export interface NamedBucket {
  /** Subscription of the account. @default the cluster's */
  subscription?: string;
  /** Resource group of the account. */
  group: string;
  account: string;
  container: string;
}

/** What the name of a bucket says; undefined where it is of none of {@link bucketForms}. */
export function namedBucket(bucket: string): NamedBucket | undefined {
  const { groups } = byGroup.exec(bucket) ?? byId.exec(bucket) ?? {};
  const { subscription, group = "", account = "", container = "" } = groups ?? {};
  const known = accountName.test(account) && containerName.test(container);
  return known ? { subscription, group, account, container } : undefined;
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
