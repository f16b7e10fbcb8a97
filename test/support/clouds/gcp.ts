import {
  apiNeeds,
  clusterRefused,
  nodePoolRefused,
  streamingNeed,
  unknownRole,
} from "./gcp-refusals";
import type { CloudTable, Thing, Values, World } from "./kind";
import { gcpTimes } from "./times";
import { at, textAt } from "./values";

const project = "stand-in-project";
const link = (id: string) => `https://www.googleapis.com/compute/v1/${id}`;
const of = (inputs: Values) => ({ project: textAt(inputs, "project") ?? project });
const linked = ({ id, inputs }: { id: string; inputs: Values }) => ({
  ...of(inputs),
  selfLink: link(id),
});

/** The network that a cluster, or a pool of its nodes, is in. */
function networkOf(clusterOrPool: Values, world: World): string | undefined {
  const cluster = clusterOrPool.cluster
    ? world
        .all("gcp:container/cluster:Cluster")
        .find((it) => [it.id, it.inputs.name].includes(clusterOrPool.cluster))?.inputs
    : clusterOrPool;
  return network(cluster?.network, world)?.id;
}

const network = (handle: unknown, world: World) =>
  world
    .all("gcp:compute/network:Network")
    .find((it) => [it.id, it.inputs.name, it.outputs.selfLink].includes(handle));

function serves(nodes: Values, nat: Thing, world: World): boolean {
  const router = world
    .all("gcp:compute/router:Router")
    .find((it) => [it.id, it.inputs.name].includes(nat.inputs.router));
  return network(router?.inputs.network, world)?.id === networkOf(nodes, world);
}

const hasGpu = (pool: Values) => at(pool, "nodeConfig.guestAccelerators.type") !== undefined;
const sameCluster = (pool: Values, other: Thing) => pool.cluster === other.inputs.cluster;

/** Google Cloud as far as our clusters use it. */
export const gcp: CloudTable = {
  name: "gcp",
  defaults: { project, region: "us-central1", location: "us-central1" },
  seconds: gcpTimes,
  reference:
    /^(https:\/\/www\.googleapis\.com\/compute\/v1\/)?projects\/[^/]+\/(global|regions|locations|zones|serviceAccounts)\/|@[a-z0-9-]+\.iam\.gserviceaccount\.com$/,
  foreign:
    /@container-engine-robot\.|\/(reservations|images|workloadIdentityPools|machineTypes|topics)\//,
  locks: ["deletionProtection"],
  kinds: {
    "gcp:compute/network:Network": {
      id: "projects/{project}/global/networks/{name}",
      fixed: ["name", "autoCreateSubnetworks"],
      outputs: linked,
    },
    "gcp:compute/subnetwork:Subnetwork": {
      id: "projects/{project}/regions/{region}/subnetworks/{name}",
      fixed: ["name", "region", "network", "purpose"],
      names: { network: "gcp:compute/network:Network" },
      outputs: linked,
    },
    "gcp:compute/router:Router": {
      id: "projects/{project}/regions/{region}/routers/{name}",
      fixed: ["name", "region", "network"],
      names: { network: "gcp:compute/network:Network" },
      outputs: linked,
    },
    "gcp:compute/routerNat:RouterNat": {
      id: "{project}/{region}/{router}/{name}",
      fixed: ["name", "region", "router"],
      names: { router: "gcp:compute/router:Router" },
      outputs: ({ inputs }) => of(inputs),
    },
    "gcp:compute/address:Address": {
      id: "projects/{project}/regions/{region}/addresses/{name}",
      fixed: ["name", "region"],
      outputs: (made) => ({ ...linked(made), address: "203.0.113.10" }),
    },
    "gcp:compute/firewall:Firewall": {
      id: "projects/{project}/global/firewalls/{name}",
      fixed: ["name", "network"],
      names: { network: "gcp:compute/network:Network" },
      outputs: linked,
    },
    "gcp:container/cluster:Cluster": {
      id: "projects/{project}/locations/{location}/clusters/{name}",
      fixed: [
        ...["name", "location", "network", "subnetwork", "datapathProvider", "initialNodeCount"],
        ...["ipAllocationPolicy", "enableAutopilot", "privateClusterConfig.masterIpv4CidrBlock"],
        "confidentialNodes",
      ],
      refuses: clusterRefused,
      names: {
        network: "gcp:compute/network:Network",
        subnetwork: "gcp:compute/subnetwork:Subnetwork",
      },
      outputs: ({ id, inputs }, { server, authority }) => ({
        ...linked({ id, inputs }),
        endpoint: server.replace("https://", ""),
        masterVersion: "1.35.4-gke.1000",
        masterAuth: { clusterCaCertificate: authority, clientCertificate: "", clientKey: "" },
        controlPlaneEndpointsConfig: {
          ...(inputs.controlPlaneEndpointsConfig as Values | undefined),
          dnsEndpointConfig: {
            ...(at(inputs, "controlPlaneEndpointsConfig.dnsEndpointConfig") as Values | undefined),
            endpoint: server.replace("https://", ""),
          },
        },
      }),
    },
    "gcp:container/nodePool:NodePool": {
      id: "projects/{project}/locations/{location}/clusters/{cluster}/nodePools/{name}",
      fixed: [
        ...["name", "cluster", "location", "placementPolicy", "queuedProvisioning"],
        ...["nodeConfig.machineType", "nodeConfig.diskSizeGb", "nodeConfig.diskType"],
        ...["nodeConfig.guestAccelerators", "nodeConfig.spot", "nodeConfig.flexStart"],
        ...[
          "nodeConfig.reservationAffinity",
          "nodeConfig.serviceAccount",
          "nodeConfig.oauthScopes",
        ],
        ...["nodeConfig.shieldedInstanceConfig", "nodeConfig.ephemeralStorageLocalSsdConfig"],
        ...["nodeConfig.secondaryBootDisks", "nodeConfig.maxRunDuration"],
      ],
      names: { cluster: "gcp:container/cluster:Cluster" },
      refuses: nodePoolRefused,
      outputs: ({ id, inputs }) => ({
        ...of(inputs),
        instanceGroupUrls: [link(`${id}/instanceGroups/1`)],
      }),
    },
    "gcp:serviceaccount/account:Account": {
      id: "projects/{project}/serviceAccounts/{accountId}@{project}.iam.gserviceaccount.com",
      fixed: ["accountId"],
      handles: ["email", "member"],
      outputs: ({ id, inputs }) => {
        const email = `${String(inputs.accountId)}@${of(inputs).project}.iam.gserviceaccount.com`;
        return {
          ...of(inputs),
          email,
          member: `serviceAccount:${email}`,
          name: id,
          uniqueId: "1001",
        };
      },
    },
    "gcp:serviceaccount/iAMMember:IAMMember": {
      id: "{serviceAccountId}/{role}/{member}",
      fixed: ["serviceAccountId", "role", "member", "condition"],
      refuses: unknownRole,
    },
    "gcp:projects/iAMMember:IAMMember": {
      id: "{project}/{role}/{member}",
      fixed: ["project", "role", "member", "condition"],
      refuses: unknownRole,
    },
    "gcp:projects/service:Service": {
      id: "{project}/{service}",
      fixed: ["project", "service"],
      shared: true,
    },
    "gcp:projects/serviceIdentity:ServiceIdentity": {
      id: "projects/{project}/services/{service}",
      fixed: ["project", "service"],
      // Google may make the account and not tell its address: then there is neither e-mail nor member.
      outputs: () => ({}),
    },
    "gcp:storage/bucketIAMMember:BucketIAMMember": {
      id: "b/{bucket}/{role}/{member}",
      fixed: ["bucket", "role", "member", "condition"],
      refuses: unknownRole,
    },
    "gcp:kms/keyRing:KeyRing": {
      id: "projects/{project}/locations/{location}/keyRings/{name}",
      fixed: ["name", "location"],
      outputs: ({ inputs }) => of(inputs),
    },
    "gcp:kms/cryptoKey:CryptoKey": {
      id: "{keyRing}/cryptoKeys/{name}",
      fixed: ["name", "keyRing", "purpose"],
    },
    "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember": {
      id: "{cryptoKeyId}/{role}/{member}",
      fixed: ["cryptoKeyId", "role", "member"],
      refuses: unknownRole,
    },
  },
  needs: [
    ...apiNeeds,
    streamingNeed,
    {
      type: "gcp:container/nodePool:NodePool",
      of: "gcp:compute/routerNat:RouterNat",
      when: serves,
      why: "private nodes reach no registry without a NAT in their network",
    },
    {
      type: "gcp:container/nodePool:NodePool",
      of: "gcp:projects/iAMMember:IAMMember",
      only: (pool) => at(pool, "nodeConfig.serviceAccount") !== undefined,
      when: (pool, { inputs }) =>
        inputs.member === `serviceAccount:${String(at(pool, "nodeConfig.serviceAccount"))}`,
      anyOne: false,
      why: "the nodes' account must be allowed to write logs and metrics as long as there are nodes",
    },
    {
      type: "gcp:container/nodePool:NodePool",
      of: "gcp:container/nodePool:NodePool",
      only: hasGpu,
      when: (pool, other) => sameCluster(pool, other) && !hasGpu(other.inputs),
      untilGone: false,
      why: "the taint of GPU nodes is only set where the cluster has a pool without GPUs already",
    },
    {
      type: "gcp:container/cluster:Cluster",
      of: "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember",
      only: (cluster) => at(cluster, "databaseEncryption.keyName") !== undefined,
      when: (cluster, { inputs }) =>
        inputs.cryptoKeyId === at(cluster, "databaseEncryption.keyName"),
      why: "the cluster's service agent must be allowed to use the key",
    },
    {
      type: "gcp:storage/bucketIAMMember:BucketIAMMember",
      of: "gcp:container/cluster:Cluster",
      only: ({ member }) => String(member).includes(".svc.id.goog"),
      when: (_, cluster) => at(cluster.inputs, "workloadIdentityConfig.workloadPool") !== undefined,
      untilGone: false,
      why: "the identity pool of the project comes with its first cluster",
    },
  ],
  functions: {
    "gcp:organizations/getProject:getProject": () => ({
      ...{ id: `projects/${project}`, projectId: project, number: "1001", name: project },
      labels: {},
    }),
    "gcp:organizations/getClientConfig:getClientConfig": () => ({
      ...{ id: project, project, region: "us-central1", zone: "us-central1-a" },
      accessToken: "",
    }),
    "gcp:compute/getZones:getZones": ({ region = "us-central1" }) => ({
      id: String(region),
      names: ["a", "b", "c", "f"].map((zone) => `${String(region)}-${zone}`),
    }),
  },
};
