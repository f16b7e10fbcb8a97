import type { NodePoolArgs } from "@pulumi/gcp/container/nodePool";
import type { container } from "@pulumi/gcp/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { cpuNodes } from "../../../catalog/cpu-nodes";
import { bootDiskType, gkeSystem } from "../../../catalog/gke";
import type { Machine } from "../../../catalog/machines";
import type { Sharing } from "../../../catalog/sharing";
import {
  nodeDiskGiB,
  type CapacityType,
  type ManagedPool,
  type ReservedCapacity,
} from "../managed";
import { poolLabel } from "../gpu-nodes";
import { localSsds } from "./disks";
import { poolLabels, poolTaints, zonesOfARegion, type CapacityPool } from "./capacity-order";

type NodeConfig = container.NodePoolNodeConfig;
type Accelerator = container.NodePoolNodeConfigGuestAccelerator;

/** What all nodes of a cluster have in common. */
export interface NodeDefaults {
  /** E-mail address of the nodes' service account. */
  serviceAccount: pulumi.Input<string>;
  /** Labels of the machines and disks, for the bill. */
  resourceLabels: Record<string, string>;
}

/** What every node has, whatever runs on it. */
export function nodeConfig({ serviceAccount, resourceLabels }: NodeDefaults) {
  return {
    serviceAccount,
    resourceLabels,
    // What the nodes may do is up to the roles of their account.
    oauthScopes: ["https://www.googleapis.com/auth/cloud-platform"],
    imageType: "COS_CONTAINERD",
    shieldedInstanceConfig: { enableSecureBoot: true, enableIntegrityMonitoring: true },
    workloadMetadataConfig: { mode: "GKE_METADATA" },
    metadata: { "disable-legacy-endpoints": "true" },
    kubeletConfig: { insecureKubeletReadonlyPortEnabled: "FALSE" },
    gcfsConfig: { enabled: true },
    gvnic: { enabled: true },
  } satisfies NodeConfig;
}

/** Nodes of the system pool: two, so that one may fail, and room for the controllers of a large cluster. */
const systemNodes = { min: 2, max: gkeSystem.maxNodes } as const;

/** Their disks. */
const systemDisk = { diskType: gkeSystem.diskType, diskSizeGb: gkeSystem.diskGiB };

/** Nodes without GPU for everything that is not a model: DNS, metrics, controllers, gateways. */
export function systemPool(defaults: NodeDefaults, zones?: readonly string[]) {
  return {
    initialNodeCount: Math.ceil(systemNodes.min / (zones?.length ?? zonesOfARegion)),
    autoscaling: {
      totalMinNodeCount: systemNodes.min,
      totalMaxNodeCount: systemNodes.max,
      locationPolicy: "BALANCED",
    },
    upgradeSettings: { strategy: "SURGE", maxSurge: 1, maxUnavailable: 0 },
    nodeConfig: {
      ...nodeConfig(defaults),
      machineType: cpuNodes.gke.machine,
      ...systemDisk,
      labels: { [poolLabel]: "system" },
    },
  } satisfies Omit<NodePoolArgs, "cluster">;
}

/** The node pool of one capacity type. */
export function gpuPool(
  poolName: string,
  pool: ManagedPool,
  { type, zones, min, max, initialPerZone }: CapacityPool,
  defaults: NodeDefaults,
  project: string,
) {
  const ssds = localSsds(pool.machine);
  return {
    nodeLocations: zones,
    // A policy of its own for each node pool, which GKE makes and removes with it.
    placementPolicy: pool.network ? { type: "COMPACT" } : undefined,
    initialNodeCount: initialPerZone,
    // ANY: whichever zone has a GPU, rather than the same number in each.
    autoscaling: { totalMinNodeCount: min, totalMaxNodeCount: max, locationPolicy: "ANY" },
    // Quota and reservations seldom hold one node more than there are. Flex-start nodes have a strategy of GKE's own.
    upgradeSettings:
      type.kind === "flex-start"
        ? undefined
        : { strategy: "SURGE", maxSurge: 0, maxUnavailable: 1 },
    nodeConfig: {
      ...nodeConfig(defaults),
      machineType: pool.machine.name,
      guestAccelerators: [accelerator(pool.machine, pool.sharing)],
      diskType: bootDiskType(pool.machine),
      diskSizeGb: nodeDiskGiB(pool),
      ephemeralStorageLocalSsdConfig: ssds === undefined ? undefined : { localSsdCount: ssds },
      labels: poolLabels(poolName),
      taints: poolTaints(poolName).map((taint) => ({ ...taint, effect: "NO_SCHEDULE" })),
      // Who runs here chose the machine: GKE's own taint of ARM nodes would keep these pods away, too.
      taintConfig:
        pool.machine.arch === "arm64" ? { architectureTaintBehavior: "NONE" } : undefined,
      ...capacity(type, project),
    },
  } satisfies Omit<NodePoolArgs, "cluster">;
}

/** The machine's GPUs, their driver and how they are shared. GKE's own device plugin offers them: never ours (docs/facts.md 2.12). */
function accelerator(machine: Machine, sharing?: Sharing): Accelerator {
  return {
    // The rules refuse a machine without it.
    type: machine.acceleratorType ?? "",
    count: machine.gpusPerNode,
    // Without a word GKE may install none. The default branch trails the CUDA version of current engine images.
    gpuDriverInstallationConfig: { gpuDriverVersion: "LATEST" },
    ...(sharing?.kind === "mig" && { gpuPartitionSize: sharing.profile }),
    ...(sharing?.kind === "time-slicing" && {
      gpuSharingConfig: {
        gpuSharingStrategy: "TIME_SHARING",
        maxSharedClientsPerGpu: sharing.clients,
      },
    }),
  };
}

/** Where the nodes come from; what excludes what is in docs/facts.md 2.6 and 2.7. */
function capacity(
  type: CapacityType,
  project: string,
): Pick<NodeConfig, "spot" | "flexStart" | "maxRunDuration" | "reservationAffinity"> {
  const noReservation = { reservationAffinity: { consumeReservationType: "NO_RESERVATION" } };
  switch (type.kind) {
    case "spot":
      return { spot: true, ...noReservation };
    case "flex-start":
      return { flexStart: true, maxRunDuration: longestFlexStart, ...noReservation };
    case "reserved":
      return specific(reservationPath(type, project));
    case "block":
      return specific(type.reservation);
    case "on-demand":
      // Open reservations of the project are used as they are everywhere on Compute Engine.
      return {};
  }
}

function specific(reservation: string) {
  return {
    reservationAffinity: {
      consumeReservationType: "SPECIFIC_RESERVATION",
      key: "compute.googleapis.com/reservation-name",
      values: [reservation],
    },
  };
}

/** How the API calls a reservation: one of the same project by its name, others and blocks by their whole path (docs/facts.md 2.6). */
function reservationPath(
  { reservation, project, reservationBlock: block }: ReservedCapacity,
  own: string,
): string {
  if (project === undefined && block === undefined) return reservation;
  const path = `projects/${project ?? own}/reservations/${reservation}`;
  return block === undefined ? path : `${path}/reservationBlocks/${block}`;
}

/** Seven days, the longest that flex-start gives (GKE docs, concepts/dws). */
const longestFlexStart = "604800s";

/**
 * Whether GKE repairs and upgrades the nodes. Flex-start nodes are not repaired: they would queue again. No pool of a release
 * channel may refuse upgrades; on a cluster that stays on a version its maintenance policy keeps them away (docs/facts.md 2.1).
 */
export function management(kind?: CapacityType["kind"]) {
  return { autoRepair: kind !== "flex-start", autoUpgrade: true };
}

/**
 * Longest times of changes to a node pool. Creation is 30 minutes by default in Google's provider; an upgrade takes one
 * node after the other, each up to the hour that GKE grants to disruption budgets and 15 minutes to come back, in a day at most.
 */
export function poolTimeouts(maxNodes: number): pulumi.CustomTimeouts {
  const update = Math.min(24 * 60, 30 + maxNodes * 75);
  return { create: "45m", update: `${update}m`, delete: "60m" };
}
