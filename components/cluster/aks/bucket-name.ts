/** What a bucket may be called: a container of a storage account, in the cluster's subscription or by its id. */
export const bucketForms = "group/account/container or the container's resource id";

const byGroup = /^([\w.()-]{1,90})\/([a-z0-9]{3,24})\/([a-z0-9$][a-z0-9-]{2,62})$/;
const byId =
  /^\/subscriptions\/[^/]+\/resourceGroups\/([^/]+)\/providers\/Microsoft\.Storage\/storageAccounts\/[^/]+\/blobServices\/default\/containers\/[^/]+$/i;

/**
 * What is wrong with the name of a bucket, for a cluster of this name in Azure; undefined: nothing. The cluster's own resource
 * groups go with the cluster, and everything in them: no data that should stay is in one.
 */
export function bucketFault(bucket: string, azureName: string): string | undefined {
  const [, group] = byGroup.exec(bucket) ?? byId.exec(bucket) ?? [];
  if (group === undefined) return `bucket must be ${bucketForms}, got ${JSON.stringify(bucket)}`;
  const own = [azureName, nodeResourceGroup(azureName)];
  if (!own.some((name) => name.toLowerCase() === group.toLowerCase())) return undefined;
  return (
    `bucket must be in a resource group that outlives the cluster, got ${JSON.stringify(bucket)}: ` +
    `${group} is the cluster's own and is deleted with it. To mend it, move the storage account to another resource group.`
  );
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
