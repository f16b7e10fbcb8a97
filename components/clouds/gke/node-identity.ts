import { IAMMember } from "@pulumi/gcp/projects/iammember";
import { Account } from "@pulumi/gcp/serviceaccount/account";
import * as pulumi from "@pulumi/pulumi";
import { longestAccountId, shortName } from "./names";

/**
 * All that a node itself does: write logs and metrics, pull images of the project and stream them (docs/facts.md 2.20). Pods have
 * identities of their own.
 */
const nodeRoles = {
  runs: "roles/container.defaultNodeServiceAccount",
  images: "roles/artifactregistry.reader",
  streams: "roles/serviceusage.serviceUsageConsumer",
} as const;

/** The service account of a cluster's nodes, in place of the project's default one, which may edit everything. */
export function nodeIdentity(
  name: string,
  { clusterName, project }: { clusterName: string; project: string },
  opts: pulumi.CustomResourceOptions,
) {
  const account = new Account(
    `${name}-nodes`,
    {
      project,
      accountId: shortName(`${clusterName}-nodes`, longestAccountId),
      displayName: `Nodes of the cluster ${clusterName}`,
    },
    opts,
  );
  const roles = Object.entries(nodeRoles).map(
    ([key, role]) =>
      new IAMMember(
        `${name}-nodes-${key}`,
        { project, role, member: pulumi.interpolate`serviceAccount:${account.email}` },
        opts,
      ),
  );
  return { account, roles };
}
