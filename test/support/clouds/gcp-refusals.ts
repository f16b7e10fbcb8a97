import { range } from "../../../catalog/cidr";
import type { Kind, Need, Values, World } from "./kind";
import { at, textAt } from "./values";

type Refuses = NonNullable<Kind["refuses"]>;

const serviceType = "gcp:projects/service:Service";

/** What must be on in the project before the first thing of a type. */
const apis: [type: string, service: string, only?: (thing: Values) => boolean][] = [
  ["gcp:serviceaccount/account:Account", "iam"],
  ["gcp:kms/keyRing:KeyRing", "cloudkms"],
  ["gcp:projects/serviceIdentity:ServiceIdentity", "container"],
  ["gcp:projects/iAMMember:IAMMember", "cloudresourcemanager"],
  // A cluster alone, as tests of the stand-in itself make it, tells nothing of its project.
  ["gcp:container/cluster:Cluster", "compute", ({ removeDefaultNodePool: ours }) => ours === true],
  ["gcp:container/nodePool:NodePool", "containerfilesystem", streams],
];

export const apiNeeds: Need[] = apis.map(([type, service, only]) => ({
  type,
  of: serviceType,
  ...(only && { only }),
  when: (_, { inputs }) => inputs.service === `${service}.googleapis.com`,
  untilGone: false,
  why: `SERVICE_DISABLED: ${service}.googleapis.com has not been used in the project before`,
}));

/** Nodes that stream images with an account of their own. */
export const streamingNeed: Need = {
  type: "gcp:container/nodePool:NodePool",
  of: "gcp:projects/iAMMember:IAMMember",
  only: streams,
  when: (pool, { inputs }) =>
    inputs.role === "roles/serviceusage.serviceUsageConsumer" &&
    inputs.member === `serviceAccount:${String(at(pool, "nodeConfig.serviceAccount"))}`,
  why: "image streaming needs Service Usage Consumer for an account that is not the default one",
};

function streams(pool: Values): boolean {
  return (
    at(pool, "nodeConfig.gcfsConfig.enabled") === true &&
    at(pool, "nodeConfig.serviceAccount") !== undefined
  );
}

/** Roles that Google Cloud has, as far as our clusters give them. */
const roles = [
  ...["roles/container.defaultNodeServiceAccount", "roles/artifactregistry.reader"],
  ...["roles/serviceusage.serviceUsageConsumer", "roles/cloudkms.cryptoKeyEncrypterDecrypter"],
  ...["roles/storage.objectViewer", "roles/storage.objectUser"],
];

export const unknownRole: Refuses = ({ role }) =>
  roles.includes(String(role)) ? undefined : `Role ${String(role)} is not supported`;

/** GB of SSD that a new project has in a region. */
const ssdGB = 250;

/** GB that so many nodes take of it; without a word 100 GB of pd-balanced each. */
function ssdOf(nodeConfig: unknown, nodes: number): number {
  if ((textAt(nodeConfig, "diskType") ?? "pd-balanced") === "pd-standard") return 0;
  return nodes * Number(textAt(nodeConfig, "diskSizeGb") ?? 100);
}

function beyondSsds(wanted: number): string | undefined {
  return wanted > ssdGB
    ? `Insufficient regional quota to satisfy request: resource "SSD_TOTAL_GB": request requires '${wanted}.0' and is short '${wanted - ssdGB}.0'`
    : undefined;
}

/** What GKE says of a new customer's cluster. */
export const clusterRefused: Refuses = (cluster) => {
  const ranges = cluster.masterAuthorizedNetworksConfig
    ? (at(cluster, "masterAuthorizedNetworksConfig") as { cidrBlocks?: { cidrBlock: string }[] })
    : {};
  const invalid = ranges.cidrBlocks?.find(({ cidrBlock }) => range(cidrBlock)?.hostBits !== false);
  if (invalid) return `Invalid value for field "cidrBlock": "${invalid.cidrBlock}"`;
  if (textAt(cluster, "releaseChannel.channel") === "UNSPECIFIED")
    return "a cluster that is in no release channel is for existing customers only";
  const zones = Array.isArray(cluster.nodeLocations) ? cluster.nodeLocations.length : 3;
  const nodes = zones * Number(textAt(cluster, "initialNodeCount") ?? 1);
  return cluster.removeDefaultNodePool === true
    ? beyondSsds(ssdOf(cluster.nodeConfig, nodes))
    : undefined;
};

/** Texts of MIG profiles that cut something else than they say, by GPU. */
const miscut: Record<string, string[]> = {
  "nvidia-tesla-a100": ["1g.10gb", "4g.20gb"],
  "nvidia-a100-80gb": ["1g.20gb", "4g.40gb"],
  "nvidia-h100-80gb": ["4g.40gb"],
};

const name = /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/;
const reservation =
  /^([a-z][-a-z0-9]*|projects\/[^/]+\/reservations\/[^/]+(\/reservationBlocks\/[^/]+)?)$/;

/** What GKE says of a node pool. */
export const nodePoolRefused: Refuses = (pool, world) => {
  const machine = textAt(pool, "nodeConfig.machineType") ?? "";
  const disk = textAt(pool, "nodeConfig.diskType") ?? "";
  const gpu = textAt(pool, "nodeConfig.guestAccelerators.type") ?? "";
  const profile = textAt(pool, "nodeConfig.guestAccelerators.gpuPartitionSize") ?? "";
  const reserved = reservationOf(pool);
  const compact = textAt(pool, "placementPolicy.type") === "COMPACT";
  const flex = at(pool, "nodeConfig.flexStart") === true;
  const checks: [refused: boolean, why: string][] = [
    [
      !name.test(String(pool.name)),
      `Invalid value for field "node_pool.name": "${String(pool.name)}"`,
    ],
    [
      at(pool, "management.autoUpgrade") === false && channelOf(pool, world) !== "UNSPECIFIED",
      "Auto_upgrade cannot be false when release_channel REGULAR is set",
    ],
    [
      compact && flex && !/^(a3-ultragpu-|a4-|h4d-)/.test(machine),
      "compact placement with flex-start works on A3 Ultra, A4 and H4D only",
    ],
    [
      compact && reserved !== undefined,
      "the reservation has no such placement policy as the nodes have",
    ],
    [
      disk.startsWith("pd-") && /^(a3-ultragpu|a4|a4x|g4)-/.test(machine),
      `${disk} disk type cannot be used by ${machine} machine type`,
    ],
    [
      miscut[gpu]?.includes(profile) ?? false,
      `${profile} is not a valid GPU partition size for ${gpu}`,
    ],
    [reserved !== undefined && !reservation.test(reserved), `Invalid reservation "${reserved}"`],
  ];
  const refused = checks.find(([is]) => is)?.[1];
  if (refused !== undefined) return refused;
  // Who has GPUs had SSDs raised as well.
  const perZone = Number(textAt(pool, "initialNodeCount") ?? 0);
  return gpu === ""
    ? beyondSsds(ssdOf(pool.nodeConfig, perZone * zonesOf(pool, world)))
    : undefined;
};

/** The one reservation that the nodes come from. */
function reservationOf(pool: Values): string | undefined {
  const values = at(pool, "nodeConfig.reservationAffinity.values");
  return Array.isArray(values) ? String(values[0]) : undefined;
}

function channelOf(pool: Values, world: World): string {
  return textAt(clusterOf(pool, world), "releaseChannel.channel") ?? "REGULAR";
}

/** Zones of a pool: its own, else the cluster's, else three. */
function zonesOf(pool: Values, world: World): number {
  const zones = pool.nodeLocations ?? clusterOf(pool, world)?.nodeLocations;
  return Array.isArray(zones) ? zones.length : 3;
}

function clusterOf(pool: Values, world: World): Values | undefined {
  return world
    .all("gcp:container/cluster:Cluster")
    .find((it) => [it.id, it.inputs.name].includes(pool.cluster))?.inputs;
}
