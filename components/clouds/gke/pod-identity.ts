import { BucketIAMMember } from "@pulumi/gcp/storage/bucketIAMMember";
import * as pulumi from "@pulumi/pulumi";
import type { BucketAccess } from "../../cluster/cluster";

/** Start of the name that Google Cloud has for a project's pods. */
export function podPrincipals(
  project: string,
  number: pulumi.Output<string>,
): pulumi.Output<string> {
  return pulumi.interpolate`principal://iam.googleapis.com/projects/${number}/locations/global/workloadIdentityPools/${project}.svc.id.goog/subject`;
}

/**
 * Gives a role to a Kubernetes service account itself, with no Google account and no key in between. Google Cloud knows it
 * by project, namespace and name: the same pair in another cluster of the project has the same access.
 */
export function bucketRole(
  name: string,
  principals: pulumi.Input<string>,
  { bucket, namespace, serviceAccount, write }: BucketAccess,
  opts: pulumi.CustomResourceOptions,
): BucketIAMMember {
  return new BucketIAMMember(
    name,
    {
      bucket,
      role: write ? "roles/storage.objectUser" : "roles/storage.objectViewer",
      member: pulumi.interpolate`${principals}/ns/${namespace}/sa/${serviceAccount}`,
    },
    opts,
  );
}
