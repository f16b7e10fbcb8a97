import type { AgentPoolArgs } from "@pulumi/azure-native/containerservice";
import { systemMachines } from "../../../catalog/cpu-nodes";
import { cpuMachine, type Machine } from "../../../catalog/machines";
import {
  gpuTolerations,
  oneZone,
  tolerationsOf,
  type PlacedPool,
  type PlacedCapacity,
  type Taint,
} from "../../cluster/cluster";
import { gpuNodeLabel, sharingLabel } from "../../cluster/device-plugin";
import { isOpen, offered, ownTaint } from "../cpu-pools";
import { gpuTaint, poolLabel } from "../gpu-nodes";
import { nodeDiskGiB, spotNotice, type CapacityType, type SystemPool } from "../managed";
import { agentPoolName, plainPoolName, capacityZones } from "./names";
import { firstNodes, systemPoolName, upgradeSurge } from "./own-nodes";
import type { AksPool } from "./schema";

/** Settings of an agent pool, without the place it goes to. */
export type AgentPoolSettings = Omit<AgentPoolArgs, "resourceGroupName" | "resourceName">;

/** Taint that AKS gives spot nodes; declared too, because the API reports it back (docs/facts.md 4.9). */
export const spotTaint: Taint = {
  key: "kubernetes.azure.com/scalesetpriority",
  value: "spot",
  effect: "NoSchedule",
};

/** What every agent pool of ours has: Linux nodes without a public address. Disabling SSH is a preview of AKS (docs/facts.md 4.16). */
const commonSettings = {
  type: "VirtualMachineScaleSets",
  osType: "Linux",
  osSKU: "Ubuntu",
  enableNodePublicIP: false,
  enableAutoScaling: true,
} as const;

/** AKS takes no maxUnavailable on system pools; a machine without a GPU is there when one more is asked for. */
const withSurge = { upgradeSettings: { maxSurge: String(upgradeSurge) } };

/** Trusted launch, for machines whose nodes load no driver of ours (docs/facts.md 4.32). */
function trusted({ arch = "amd64" }: Partial<Pick<Machine, "arch">>) {
  return arch === "amd64"
    ? { securityProfile: { enableSecureBoot: true, enableVTPM: true } }
    : undefined;
}

/** What the cluster's own nodes have in common. */
function ownSettings(vmSize: string) {
  return {
    ...commonSettings,
    vmSize,
    // The temporary disk of the usual machine holds the system's; of others nobody has looked it up.
    osDiskType: vmSize === systemMachines.aks.name ? "Ephemeral" : "Managed",
    osDiskSizeGB: 128,
    ...trusted(cpuMachine("aks", vmSize) ?? {}),
    ...withSurge,
  } as const;
}

/** Nodes of AKS's own pods: two at least, over zones. */
export function firstPool(machine: string) {
  return {
    ...ownSettings(machine),
    name: systemPoolName,
    mode: "System",
    ...counts(firstNodes),
    nodeTaints: ["CriticalAddonsOnly=true:NoSchedule"],
  };
}

/** Nodes of pods that need no pool. */
export function plainPool(
  { machine, nodes }: Required<SystemPool>,
  zones: string[] | undefined,
): AgentPoolSettings {
  return {
    ...ownSettings(machine.name),
    ...counts(nodes),
    agentPoolName: plainPoolName(zones, machine.name),
    availabilityZones: zones,
    mode: "User",
  };
}

function counts({ min, max }: { min: number; max: number }) {
  return { minCount: min, maxCount: max, count: min };
}

/**
 * Settings of the agent pool of one capacity type. Each may grow to the pool's maximum, because AKS has no bound over several pools:
 * all together stay within it as long as the pods do, which the stack's checks see to.
 */
export function capacitySettings(
  poolName: string,
  pool: AksPool,
  type: CapacityType,
  at: number,
): AgentPoolSettings {
  const { machine, nodes, sharing } = pool;
  const spot = type.kind === "spot";
  const taints = taintsOf(poolName, pool, type);
  return {
    ...commonSettings,
    agentPoolName: agentPoolName(poolName, pool, type),
    mode: "User",
    vmSize: machine.name,
    // What fits a temporary disk differs from machine to machine, and AKS's default with it.
    osDiskType: "Managed",
    osDiskSizeGB: nodeDiskGiB(pool),
    availabilityZones: capacityZones(pool, type),
    // The minimum is the first capacity type's.
    ...counts({ min: at === 0 ? nodes.min : 0, max: nodes.max }),
    // CUDA or GRID, as the machine needs; Secure Boot would refuse this driver (use-trusted-launch, limitations).
    ...(machine.gpu ? { gpuProfile: { driver: "Install" } } : trusted(machine)),
    ...(sharing?.kind === "mig" && { gpuInstanceProfile: gpuInstanceProfile(sharing.profile) }),
    nodeLabels: {
      ...(machine.gpu && gpuNodeLabel),
      [poolLabel]: poolName,
      ...(sharing && { [sharingLabel]: poolName }),
      ...(spot && { [spotTaint.key]: "spot" }),
    },
    nodeTaints: taints.length > 0 ? taints.map(taintText) : undefined,
    ...(spot
      ? // Spot pools are upgraded without surge, and AKS takes no setting for it.
        { scaleSetPriority: "Spot", scaleSetEvictionPolicy: "Delete", spotMaxPrice: -1 }
      : { scaleSetPriority: "Regular", ...upgrades(machine, type) }),
    ...(type.kind === "reserved" && { capacityReservationGroupID: type.reservation }),
  };
}

/** How the nodes of a capacity type are renewed: neither quota nor a reservation has room for another GPU node. */
function upgrades(machine: Machine, { kind }: CapacityType) {
  return machine.gpu || kind === "reserved"
    ? { upgradeSettings: { maxSurge: "0", maxUnavailable: "1" } }
    : withSurge;
}

/** Taints of the nodes of a capacity type. */
function taintsOf(poolName: string, pool: AksPool, { kind }: CapacityType): Taint[] {
  return [
    ...(pool.machine.gpu ? [gpuTaint] : isOpen(pool) ? [] : [ownTaint(poolName)]),
    ...(kind === "spot" ? [spotTaint] : []),
  ];
}

/** The pool as pods see it. */
export function placedPool(name: string, pool: AksPool): PlacedPool {
  const { gpu } = pool.machine;
  const spot = pool.capacity.some(({ kind }) => kind === "spot") ? [spotTaint] : [];
  const own = isOpen(pool) ? [] : [ownTaint(name)];
  return {
    name,
    ...offered(pool),
    maxNodes: pool.nodes.max,
    nodeSelector: { [poolLabel]: name },
    tolerations: gpu ? gpuTolerations(spot) : tolerationsOf([...own, ...spot]),
    capacityTypes: pool.capacity.map((type, at) => placedCapacity(pool, type, at)),
    interconnect: oneZone,
  };
}

/** Minutes after which the autoscaler gives a capacity type up: its own default, which AKS can set. */
export const provisionMinutes = 15;

function placedCapacity({ nodes }: AksPool, { kind }: CapacityType, at: number): PlacedCapacity {
  const always = at === 0 && nodes.min === nodes.max;
  return {
    capacity: kind === "block" ? "reserved" : kind,
    notice: kind === "spot" ? spotNotice.aks : 0,
    provisionTime: always ? 0 : provisionMinutes * 60,
    maxNodes: nodes.max,
  };
}

/** AKS's name of a MIG profile: it knows the compute slices alone. */
function gpuInstanceProfile(profile: string): string {
  return `MIG${profile.split(".")[0] ?? ""}`;
}

function taintText({ key, value = "", effect }: Taint): string {
  return `${key}=${value}:${effect}`;
}
