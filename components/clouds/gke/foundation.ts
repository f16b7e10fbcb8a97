import type { Cluster } from "@pulumi/gcp/container/cluster";
import { CryptoKey } from "@pulumi/gcp/kms/cryptoKey";
import { CryptoKeyIAMMember } from "@pulumi/gcp/kms/cryptoKeyIAMMember";
import { KeyRing } from "@pulumi/gcp/kms/keyRing";
import { getProjectOutput } from "@pulumi/gcp/organizations/getProject";
import { IAMMember } from "@pulumi/gcp/projects/iammember";
import { Service } from "@pulumi/gcp/projects/service";
import { ServiceIdentity } from "@pulumi/gcp/projects/serviceIdentity";
import { Account } from "@pulumi/gcp/serviceaccount/account";
import * as pulumi from "@pulumi/pulumi";
import { usedApis } from "../../../catalog/gke";
import { googleCluster, type ClusterSettings, type NodeDefaults } from "./control-plane";
import { shortName } from "./names";
import { clusterNetwork } from "./network";

/** A cluster without nodes, and what they need. */
export interface Foundation {
  cluster: Cluster;
  /** What all nodes have in common. */
  defaults: NodeDefaults;
  /** What nodes need from their first minute to their last: the way out, and their account's roles. */
  needed: pulumi.Resource[];
  /** APIs of the project that are on. */
  apis: Service[];
  /** Number of the project, which accounts and identities of Google's carry. */
  number: pulumi.Output<string>;
}

/** Makes what stands before the first node: APIs, network, the nodes' account, the key of the Secrets, the cluster. */
export function foundation(
  name: string,
  settings: ClusterSettings,
  child: { parent: pulumi.Resource },
): Foundation {
  const { project, labels } = settings;
  const apis = enabledApis(name, project, child);
  const usable = { ...child, dependsOn: apis };
  const { number } = getProjectOutput({ projectId: project }, usable);
  const network = clusterNetwork(name, settings, usable);
  const nodes = nodeIdentity(name, settings, usable);
  const secrets = secretsKey(name, settings, number, usable);
  const defaults = { serviceAccount: nodes.account.email, resourceLabels: labels };
  const cluster = googleCluster(
    name,
    settings,
    {
      ...{ network: network.network.id, subnetwork: network.subnetwork.id },
      ...{ defaults, secretsKey: secrets.key.id },
    },
    { ...child, dependsOn: [secrets.use] },
  );
  return { cluster, defaults, needed: [network.nat, ...nodes.roles], apis, number };
}

/** All APIs that a cluster uses. Google's provider reads the project with each of them, so that of projects comes first. */
function enabledApis(name: string, project: string, opts: pulumi.CustomResourceOptions) {
  const { projects, ...others } = usedApis;
  const first = enabledApi(`${name}-api-projects`, { project, service: projects }, opts);
  return [
    first,
    ...Object.entries(others).map(([role, service]) =>
      enabledApi(`${name}-api-${role}`, { project, service }, { ...opts, dependsOn: [first] }),
    ),
  ];
}

/** Switches an API on; it stays on when the cluster goes, because others of the project may use it. */
export function enabledApi(
  name: string,
  api: { project: string; service: string },
  opts: pulumi.CustomResourceOptions,
): Service {
  return new Service(name, { ...api, disableOnDestroy: false }, opts);
}

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
function nodeIdentity(
  name: string,
  { clusterName, project }: ClusterSettings,
  opts: pulumi.CustomResourceOptions,
) {
  const account = new Account(
    `${name}-nodes`,
    {
      project,
      // 30 characters is the longest id of an account.
      accountId: shortName(`${clusterName}-nodes`, 30),
      displayName: `Nodes of the cluster ${clusterName}`,
    },
    opts,
  );
  const member = pulumi.interpolate`serviceAccount:${account.email}`;
  const roles = Object.entries(nodeRoles).map(
    ([key, role]) => new IAMMember(`${name}-nodes-${key}`, { project, role, member }, opts),
  );
  return { account, roles };
}

/** The key that encrypts a cluster's Secrets in its database, and GKE's right to use it. */
function secretsKey(
  name: string,
  { project, region, labels, deletionProtection }: ClusterSettings,
  number: pulumi.Output<string>,
  opts: pulumi.CustomResourceOptions,
) {
  // The account of GKE itself, which encrypts with the key. Google may leave out its e-mail address, so that is put together below.
  const gke = new ServiceIdentity(
    `${name}-gke`,
    { project, service: "container.googleapis.com" },
    opts,
  );
  // Without a name of its own: Google Cloud never deletes a key ring, so a fixed one could be made only once.
  const ring = new KeyRing(`${name}-secrets-ring`, { project, location: region }, opts);
  const key = new CryptoKey(
    `${name}-secrets`,
    { name: "secrets", keyRing: ring.id, labels, rotationPeriod: "7776000s" },
    // Without it the cluster's Secrets are lost.
    { ...opts, protect: deletionProtection },
  );
  const use = new CryptoKeyIAMMember(
    `${name}-secrets-use`,
    {
      cryptoKeyId: key.id,
      role: "roles/cloudkms.cryptoKeyEncrypterDecrypter",
      member: pulumi.interpolate`serviceAccount:service-${number}@container-engine-robot.iam.gserviceaccount.com`,
    },
    { ...opts, dependsOn: [gke] },
  );
  return { key, use };
}
