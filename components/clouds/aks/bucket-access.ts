import {
  FederatedIdentityCredential,
  UserAssignedIdentity,
} from "@pulumi/azure-native/managedidentity";
import * as pulumi from "@pulumi/pulumi";
import { claimedBucket } from "../bucket-volume";
import type { BucketAccess, BucketGrant, BucketMount, BucketVolume } from "../../cluster/cluster";
import { namedBucket, type NamedBucket } from "./bucket-name";
import { identityName } from "./names";
import { grant, type Place } from "./place";

/** An identity of one service account, and what makes Azure take the cluster's word for it. */
interface AccountIdentity {
  identity: UserAssignedIdentity;
  trust: FederatedIdentityCredential;
}

/** What a bucket is whose name is known too late to be refused here: Azure refuses it. */
const nowhere: NamedBucket = { group: "", account: "", container: "" };

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
    const { identity, trust } = this.identityOf(access);
    const role = access.write ? "Storage Blob Data Contributor" : "Storage Blob Data Reader";
    const assignment = grant(`${this.name}-${name}`, this.place, {
      ...{ role, principalId: identity.principalId },
      scope: this.containerOf(access).id,
    });
    return {
      serviceAccountAnnotations: { "azure.workload.identity/client-id": identity.clientId },
      podLabels: { "azure.workload.identity/use": "true" },
      podAnnotations: {},
      dependsOn: [trust, assignment],
    };
  }

  /** Mounts one container by blobfuse, which shows the token of the pod's service account and never sees the storage account's keys. */
  bucketVolume(name: string, mount: BucketMount): BucketVolume {
    const grant = this.bucketAccess(name, mount);
    const { identity } = this.identityOf(mount);
    const container = this.containerOf(mount);
    const claimed = claimedBucket(name, mount, {
      driver: "blob.csi.azure.com",
      volumeAttributes: {
        protocol: "fuse2",
        subscriptionID: container.subscription,
        resourceGroup: container.group,
        storageAccount: container.account,
        containerName: container.container,
        clientID: identity.clientId,
        mountWithWorkloadIdentityToken: "true",
      },
      mountOptions: [
        "-o allow_other",
        // Folders that nobody made are there, too: other programs write blobs without them.
        "--virtual-directory=true",
        ...(mount.write ? [] : ["-o ro"]),
        ...(mount.folder ? [`--subdirectory=${mount.folder}`] : []),
      ],
    });
    return { ...grant, ...claimed };
  }

  private containerOf({ bucket }: BucketAccess) {
    return pulumi.all([bucket, this.place.subscription]).apply(([text, own]) => {
      const { subscription = own, group, account, container } = namedBucket(text) ?? nowhere;
      const parent = `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Storage/storageAccounts/${account}`;
      const id = text.startsWith("/")
        ? text
        : `${parent}/blobServices/default/containers/${container}`;
      return { id, subscription, group, account, container };
    });
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
