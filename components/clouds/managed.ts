import type { CpuMachine, Machine, ManagedCloud } from "../../catalog/machines";
import type { Sharing } from "../../catalog/sharing";
import type { Cluster } from "../cluster/cluster";

/** What a cluster that we make takes on every cloud, in the same words. */
export interface ManagedClusterArgs {
  /** Region, in the cloud's own name, such as `us-central1`, `us-east-1`, `eastus`. */
  region: string;
  /** Zones of the nodes, in the cloud's own names. @default the cloud's choice (EKS: the first three of the region) */
  zones?: string[];
  /** Kubernetes version to stay on, such as `1.35`. @default follows `channel`; EKS: the version this program was made with */
  version?: string;
  /** Release channel to follow; never together with `version`. @default "regular" where there is no version */
  channel?: "rapid" | "regular" | "stable";
  /** Source ranges that may reach the control plane. @default the endpoint that IAM or Entra protects */
  access?: string[];
  /** Whether the cloud and Pulumi refuse to delete the cluster. @default true */
  deletionProtection?: boolean;
  /** Tags (labels on Google Cloud) of everything that costs money. @default {} */
  tags?: Record<string, string>;
  /** The cluster's own nodes, on which its own pods and those without GPUs run. @default a machine and as many as fit the cloud */
  system?: SystemPool;
  /** Pools, with GPUs or without, by name. @default {} */
  pools?: Record<string, ManagedPool>;
}

/** The cluster's own nodes, without GPUs. */
export interface SystemPool {
  /** Machine of the nodes, without GPUs. @default e2-standard-4 (GKE), m7i.large (EKS), Standard_D4ds_v5 (AKS) */
  machine?: CpuMachine;
  /** Nodes that always run, spread over the zones, and nodes they may grow to. @default 2 to 6 (GKE), 2 to 10 (EKS), 1 to 10 (AKS) */
  nodes?: { min: number; max: number };
}

/** A pool of nodes that we make. */
export interface ManagedPool {
  /** Machine of the nodes, from the catalog. */
  machine: Machine;
  /** Nodes that always run, and nodes that the pool may grow to over all its capacity types. */
  nodes: { min: number; max: number };
  /** Zones of the nodes. @default the cluster's */
  zones?: string[];
  /** Disk of a node in GiB, for images and weights. @default {@link nodeDiskGiB} */
  diskGiB?: number;
  /** Capacity types in the order they are tried; at least one. */
  capacity: CapacityType[];
  /** How several pods share one GPU. @default each GPU belongs to one pod */
  sharing?: Sharing;
  /** The network between its nodes, which are all in one zone then. @default nodes anywhere in their zones */
  network?: PoolNetwork;
}

/** What a pool's network is made for: `compact` puts the nodes close to each other, `fast` also gives them the machine's network for training. */
export type PoolNetwork = "compact" | "fast";

/** One of a pool's capacity types: where its nodes come from. */
export type CapacityType =
  | { kind: "on-demand" }
  | { kind: "spot" }
  /** Google Cloud only: nodes for at most seven days, queued until there is capacity. */
  | { kind: "flex-start" }
  | ReservedCapacity
  /** AWS only: a capacity block for ML, by id, in its zone. */
  | { kind: "block"; reservation: string; zone: string };

/** A reservation by name (GKE), id of a capacity reservation (EKS) or of a capacity reservation group (AKS), and its zone. */
export interface ReservedCapacity {
  kind: "reserved";
  reservation: string;
  zone?: string;
  /** Google Cloud only: id of the project that shares the reservation. @default the cluster's */
  project?: string;
  /** Google Cloud only: block of the reservation that the nodes come from. @default any */
  reservationBlock?: string;
}

/** Characters of the longest name on GKE and AKS: GKE takes 40; AKS's DNS prefix may have 54, and other names in Azure add their role. */
export const longestClusterName = 40;

/** Disk of a node with GPUs in GiB where the pool names none; Azure's managed disks are faster the larger they are (docs/facts.md 9.2, 9.3). */
export const usualDiskGiB: Readonly<Record<ManagedCloud, number>> = {
  gke: 200,
  eks: 200,
  aks: 512,
};

/** The same of a node without GPUs, which holds no weights. */
export const usualCpuDiskGiB: Readonly<Record<ManagedCloud, number>> = {
  gke: 100,
  eks: 100,
  aks: 128,
};

/** Disk of a pool's nodes in GiB. */
export function nodeDiskGiB({
  machine,
  diskGiB,
}: Pick<ManagedPool, "machine" | "diskGiB">): number {
  return diskGiB ?? (machine.gpu ? usualDiskGiB : usualCpuDiskGiB)[machine.cloud];
}

/** Whether a node keeps images and the pods' own folders on the local SSDs of its machine, where it has some (docs/facts.md 2.25, 3.36). */
const keepsOnLocalSsds: Readonly<Record<ManagedCloud, boolean>> = {
  gke: true,
  eks: false,
  aks: false,
};

/** GiB of a node for images and the pods' own folders. */
export function scratchGiB(pool: Pick<ManagedPool, "machine" | "diskGiB">): number {
  const { cloud, nvmeGB = 0 } = pool.machine;
  return keepsOnLocalSsds[cloud] && nvmeGB > 0 ? (nvmeGB * 1e9) / 1024 ** 3 : nodeDiskGiB(pool);
}

/** Seconds between notice and end of a spot node, by cloud (docs/facts.md 8.3). */
export const spotNotice = { gke: 30, eks: 120, aks: 30 } as const;

/** A cluster that we make, whichever cloud it is on. */
export type ManagedCluster = Cluster;
