import { NodePool, type NodePoolArgs } from "@pulumi/gcp/container/nodePool";
import type { container } from "@pulumi/gcp/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { bootDiskType, systemDiskGiB } from "../../../catalog/gke";
import type { GpuMachine, Machine } from "../../../catalog/machines";
import type { Sharing } from "../../../catalog/sharing";
import type { Taint } from "../../cluster/cluster";
import { nodeDiskGiB, type CapacityType, type ReservedCapacity } from "../managed";
import { isOpen } from "../cpu-pools";
import { gpuTaint, poolLabel } from "../gpu-nodes";
import {
  classTaint,
  selectorOf,
  zonesOfARegion,
  type CapacityPool,
  type PlannedPool,
} from "./capacity-order";
import { nodeConfig, type ClusterSettings, type NodeDefaults } from "./control-plane";
import type { Foundation } from "./foundation";
import type { GkePool } from "./schema";

type NodeConfig = container.NodePoolNodeConfig;
type Accelerator = container.NodePoolNodeConfigGuestAccelerator;

/** All node pools of a cluster: the system pool, and one for each capacity type of each other pool. */
export function nodePools(
  name: string,
  { cluster, defaults, needed }: Foundation,
  { project, region, zones, version, system: own }: ClusterSettings,
  pools: readonly PlannedPool[],
  opts: pulumi.CustomResourceOptions,
): NodePool[] {
  const system = nodePool("system", systemPool(own, defaults, zones), needed);
  const others = pools.flatMap(({ name: itsName, pool, nodePools: its }) =>
    its.map((one) =>
      // GKE taints GPU nodes by itself only where there is a pool without GPUs (docs/facts.md 2.13).
      nodePool(
        one.name,
        capacityPool(itsName, pool, one, defaults, project),
        [...needed, system],
        leavesLocalSsds(pool.machine) ? ["nodeConfig.ephemeralStorageLocalSsdConfig"] : [],
      ),
    ),
  );
  return [system, ...others];

  function nodePool(
    poolName: string,
    pool: ReturnType<typeof capacityPool> | ReturnType<typeof systemPool>,
    dependsOn: pulumi.Resource[],
    ignored: string[] = [],
  ) {
    // An upgrade takes one node after the other, each up to the hour that GKE grants to disruption budgets and 15 minutes to come back,
    // in a day at most.
    const update = Math.min(24 * 60, 30 + pool.autoscaling.totalMaxNodeCount * 75);
    return new NodePool(
      `${name}-${poolName}`,
      {
        ...pool,
        ...{ name: poolName, project, location: region, cluster: cluster.name },
        // Nodes of a cluster that stays on a version follow its control plane, patches too; a channel's are upgraded by GKE.
        version: version === undefined ? undefined : cluster.masterVersion,
      },
      {
        ...opts,
        dependsOn,
        // The autoscaler owns the number of nodes.
        ignoreChanges: ["initialNodeCount", "nodeCount", ...ignored],
        // Names are fixed, and GPUs scarce: the old nodes go before the new ones come.
        deleteBeforeReplace: true,
        // Google's provider waits 30 minutes for a creation.
        customTimeouts: { create: "45m", update: `${update}m`, delete: "60m" },
      },
    );
  }
}

/** How nodes without GPUs are renewed: with one more, which is there when it is asked for. */
const withSurge = { strategy: "SURGE", maxSurge: 1, maxUnavailable: 0 };

/** Nodes without GPU for everything that is not a model. */
function systemPool(
  { machine, nodes: { min, max } }: ClusterSettings["system"],
  defaults: NodeDefaults,
  zones?: readonly string[],
) {
  return {
    initialNodeCount: Math.ceil(min / (zones?.length ?? zonesOfARegion)),
    autoscaling: { totalMinNodeCount: min, totalMaxNodeCount: max, locationPolicy: "BALANCED" },
    upgradeSettings: withSurge,
    management: { autoRepair: true, autoUpgrade: true },
    nodeConfig: {
      ...nodeConfig(defaults),
      machineType: machine.name,
      ...{ diskType: bootDiskType(machine), diskSizeGb: systemDiskGiB },
      labels: { [poolLabel]: "system" },
    },
  } satisfies Omit<NodePoolArgs, "cluster">;
}

/** The node pool of one capacity type. */
function capacityPool(
  poolName: string,
  pool: GkePool,
  { type, zones, min, max, initialPerZone }: CapacityPool,
  defaults: NodeDefaults,
  project: string,
) {
  const { machine } = pool;
  const ssds = localSsds(machine);
  const taints = [
    // GKE adds it by itself, but not always (docs/facts.md 2.13).
    ...(machine.gpu ? [gpuTaint] : []),
    ...(isOpen(pool) ? [] : [classTaint(poolName)]),
  ];
  return {
    nodeLocations: zones,
    // A policy of its own for each node pool, which GKE makes and removes with it.
    placementPolicy: pool.network ? { type: "COMPACT" } : undefined,
    initialNodeCount: initialPerZone,
    // ANY: whichever zone has a GPU, rather than the same number in each.
    autoscaling: { totalMinNodeCount: min, totalMaxNodeCount: max, locationPolicy: "ANY" },
    upgradeSettings: upgrades(machine, type),
    // Flex-start nodes are not repaired: they would queue again. No pool of a release channel may refuse upgrades; on a cluster that
    // stays on a version its maintenance policy keeps them away (docs/facts.md 2.1).
    management: { autoRepair: type.kind !== "flex-start", autoUpgrade: true },
    nodeConfig: {
      ...nodeConfig(defaults),
      machineType: machine.name,
      guestAccelerators: machine.gpu ? [accelerator(machine, pool.sharing)] : undefined,
      diskType: bootDiskType(machine),
      diskSizeGb: nodeDiskGiB(pool),
      ephemeralStorageLocalSsdConfig: ssds === undefined ? undefined : { localSsdCount: ssds },
      labels: { [poolLabel]: poolName, ...selectorOf(poolName, pool) },
      taints: taints.length > 0 ? taints.map(inGoogle) : undefined,
      // Who runs here chose the machine: GKE's own taint of ARM nodes would keep these pods away, too.
      taintConfig: machine.arch === "arm64" ? { architectureTaintBehavior: "NONE" } : undefined,
      ...capacity(type, project),
    },
  } satisfies Omit<NodePoolArgs, "cluster">;
}

/** How the nodes of a capacity type are renewed. */
function upgrades(machine: Machine, { kind }: CapacityType) {
  // Flex-start nodes have a strategy of GKE's own.
  if (kind === "flex-start") return undefined;
  // Quota and reservations seldom hold one GPU node more than there are.
  return machine.gpu || kind === "reserved"
    ? { ...withSurge, maxSurge: 0, maxUnavailable: 1 }
    : withSurge;
}

/** A taint in Google's words. */
function inGoogle(taint: Required<Taint>) {
  return { ...taint, effect: "NO_SCHEDULE" };
}

/** The machine's GPUs, their driver and how they are shared. GKE's own device plugin offers them: never ours (docs/facts.md 2.12). */
function accelerator(machine: GpuMachine, sharing?: Sharing): Accelerator {
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

/** Size of one local SSD of the families that bring theirs along, in GB (docs/facts.md 1.6). */
const localSsdGB = 375;

/** Whether the machine brings larger disks, whose use is left to GKE; its answer must not look like a change of ours. */
function leavesLocalSsds({ name }: Pick<Machine, "name">): boolean {
  return name.startsWith("a4x-");
}

/** Local SSDs that hold images and scratch files: all that come with the machine. */
function localSsds(machine: Pick<Machine, "name" | "nvmeGB">): number | undefined {
  if (!machine.nvmeGB || leavesLocalSsds(machine)) return undefined;
  return machine.nvmeGB / localSsdGB;
}
