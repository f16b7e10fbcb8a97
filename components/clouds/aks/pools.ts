import type { AgentPoolArgs } from "@pulumi/azure-native/containerservice";
import { placedGpus } from "../../../catalog/sharing";
import {
  gpuTolerations,
  oneZone,
  type PlacedPool,
  type PlacedCapacity,
  type Taint,
} from "../../cluster/cluster";
import { gpuNodeLabel, sharingLabel } from "../../cluster/device-plugin";
import { gpuTaint, poolLabel } from "../gpu-nodes";
import { nodeDiskGiB, spotNotice, type CapacityType } from "../managed";
import { agentPoolName, plainPoolName, capacityZones } from "./names";
import { plainMachine, systemNodes, systemPoolName, upgradeSurge } from "./own-nodes";
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

/** What nodes without GPUs have in common. */
const plainSettings = {
  ...commonSettings,
  vmSize: plainMachine,
  osDiskType: "Ephemeral",
  osDiskSizeGB: 128,
  securityProfile: { enableSecureBoot: true, enableVTPM: true },
  // AKS takes no maxUnavailable on system pools; a machine without a GPU is there when one more is asked for.
  upgradeSettings: { maxSurge: String(upgradeSurge) },
} as const;

/** Nodes of the cluster's own pods: two at least, over zones. */
export const systemPool = {
  ...plainSettings,
  name: systemPoolName,
  mode: "System",
  ...counts(systemNodes),
  nodeTaints: ["CriticalAddonsOnly=true:NoSchedule"],
};

/** Nodes of pods without GPUs. */
export function plainPool(
  nodes: { min: number; max: number },
  zones: string[] | undefined,
): AgentPoolSettings {
  return {
    ...plainSettings,
    ...counts(nodes),
    agentPoolName: plainPoolName(zones),
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
    gpuProfile: { driver: "Install" },
    ...(sharing?.kind === "mig" && { gpuInstanceProfile: gpuInstanceProfile(sharing.profile) }),
    nodeLabels: {
      ...gpuNodeLabel,
      [poolLabel]: poolName,
      ...(sharing && { [sharingLabel]: poolName }),
      ...(spot && { [spotTaint.key]: "spot" }),
    },
    nodeTaints: [gpuTaint, ...(spot ? [spotTaint] : [])].map(taintText),
    ...(spot
      ? // Spot pools are upgraded without surge, and AKS takes no setting for it.
        { scaleSetPriority: "Spot", scaleSetEvictionPolicy: "Delete", spotMaxPrice: -1 }
      : // Neither quota nor a reservation has room for another GPU node.
        { scaleSetPriority: "Regular", upgradeSettings: { maxSurge: "0", maxUnavailable: "1" } }),
    ...(type.kind === "reserved" && { capacityReservationGroupID: type.reservation }),
  };
}

/** The pool as pods see it. */
export function placedPool(name: string, pool: AksPool): PlacedPool {
  const spot = pool.capacity.some(({ kind }) => kind === "spot");
  return {
    name,
    gpu: pool.machine.gpu,
    ...placedGpus(pool.machine, pool.sharing),
    maxNodes: pool.nodes.max,
    nodeSelector: { [poolLabel]: name },
    tolerations: gpuTolerations(spot ? [spotTaint] : []),
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
