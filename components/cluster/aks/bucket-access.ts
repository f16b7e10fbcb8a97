import {
  FederatedIdentityCredential,
  UserAssignedIdentity,
} from "@pulumi/azure-native/managedidentity";
import * as pulumi from "@pulumi/pulumi";
import type { BucketAccess, BucketGrant } from "../cluster";
import { identityName } from "./names";
import type { Place } from "./place";
import { grant } from "./roles";

/** An identity of one service account, and what makes Azure take the cluster's word for it. */
interface AccountIdentity {
  identity: UserAssignedIdentity;
  trust: FederatedIdentityCredential;
}

/** Identities of service accounts: one each, however many buckets they use, because an account can name only one. */
export class ServiceAccountIdentities {
  private readonly made = new Map<string, AccountIdentity>();

  constructor(
    private readonly name: string,
    private readonly place: Place,
    private readonly issuer: pulumi.Output<string>,
  ) {}

  /** Lets a service account use one container of a storage account. */
  bucketAccess(name: string, access: BucketAccess): BucketGrant {
    const { subscription, resourceGroupName, child } = this.place;
    const { identity, trust } = this.identityOf(access);
    const role = access.write ? "Storage Blob Data Contributor" : "Storage Blob Data Reader";
    const scope = pulumi
      .all([access.bucket, subscription, resourceGroupName])
      .apply(([bucket, inSubscription, group]) => containerId(bucket, inSubscription, group));
    const principal = {
      principalId: identity.principalId,
      principalType: "ServicePrincipal",
    } as const;
    const assignment = grant(
      `${this.name}-${name}`,
      this.place,
      { role, ...principal, scope },
      child,
    );
    return {
      serviceAccountAnnotations: { "azure.workload.identity/client-id": identity.clientId },
      podLabels: { "azure.workload.identity/use": "true" },
      dependsOn: [trust, assignment],
    };
  }

  private identityOf({ namespace, serviceAccount }: BucketAccess): AccountIdentity {
    const azureName = identityName(namespace, serviceAccount);
    const before = this.made.get(azureName);
    if (before) return before;
    const { resourceGroupName, location, tags, child } = this.place;
    const identity = new UserAssignedIdentity(
      `${this.name}-${azureName}`,
      { resourceName: azureName, resourceGroupName, location, tags },
      child,
    );
    const trust = new FederatedIdentityCredential(
      `${this.name}-${azureName}-trust`,
      {
        federatedIdentityCredentialResourceName: "kubernetes",
        resourceName: identity.name,
        resourceGroupName,
        issuer: this.issuer,
        subject: `system:serviceaccount:${namespace}:${serviceAccount}`,
        audiences: ["api://AzureADTokenExchange"],
      },
      child,
    );
    const made = { identity, trust };
    this.made.set(azureName, made);
    return made;
  }
}

/** What a bucket may be called: a container in the cluster's resource group, in another one, or by its id. */
export const bucketForms =
  "account/container, group/account/container or the container's resource id";

/** Whether the text names a container. */
export function namesContainer(bucket: string): boolean {
  return (
    /^([^/]+\/)?[a-z0-9]{3,24}\/[a-z0-9$][a-z0-9-]{2,62}$/.test(bucket) ||
    /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Storage\/storageAccounts\/[^/]+\/blobServices\/default\/containers\/[^/]+$/i.test(
      bucket,
    )
  );
}

/** Resource id of a container. */
export function containerId(bucket: string, subscription: string, group: string): string {
  if (bucket.startsWith("/")) return bucket;
  const [container = "", account = "", inGroup = group] = bucket.split("/").reverse();
  return `/subscriptions/${subscription}/resourceGroups/${inGroup}/providers/Microsoft.Storage/storageAccounts/${account}/blobServices/default/containers/${container}`;
}
