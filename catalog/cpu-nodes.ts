import type { ManagedCloud } from "./machines";

/** What nodes leave for pods, before the cluster's own pods of each node take theirs. */
export interface NodeRoom {
  /** CPU in thousandths of a core. */
  millicores: number;
  /** Memory in MiB. */
  memoryMiB: number;
}

/** A machine as its maker states it. */
export interface MachineSize {
  vcpus: number;
  memoryGiB: number;
}

/** Machines of nodes without GPUs, which all pods without a pool run on; on EKS the same in both modes, where what Auto Mode reserves is taken to be what node groups do. */
export const cpuNodes: Readonly<Record<ManagedCloud, MachineSize & { machine: string }>> = {
  gke: { machine: "e2-standard-4", vcpus: 4, memoryGiB: 16 },
  eks: { machine: "m7i.large", vcpus: 2, memoryGiB: 8 },
  aks: { machine: "Standard_D4ds_v5", vcpus: 4, memoryGiB: 16 },
};

/** Parts of an amount that are reserved: of what lies below the first bound, between the first and the second, and so on. */
interface Steps {
  bounds: readonly number[];
  shares: readonly number[];
}

/** Thousandths of each core that are reserved; GKE and EKS say percents, AKS a table that comes to this (docs/facts.md 11.1 to 11.3). */
const cores = [1, 2, 4, Infinity];
const cpuSteps: Readonly<Record<ManagedCloud, Steps>> = {
  gke: { bounds: cores, shares: [60, 10, 5, 2.5] },
  eks: { bounds: cores, shares: [60, 10, 5, 2.5] },
  aks: { bounds: cores, shares: [60, 40, 20, 10] },
};

/** Parts of the memory in GiB that GKE reserves for itself, and for streaming images (docs/facts.md 11.1). */
const gkeBounds = [4, 8, 16, 128, Infinity];
const gkeMemory = { bounds: gkeBounds, shares: [0.25, 0.2, 0.1, 0.06, 0.02] };
const gkeStreaming = { bounds: gkeBounds, shares: [0.1, 0.08, 0.04, 0.024, 0.008] };

/** Memory in MiB that the kubelet keeps free by evicting pods, on all three. */
const eviction = 100;

/** Fewest pods that nodes of EKS are made for here, those of m7i.large; larger machines reserve more. */
const eksPods = 29;

/** Pods that a node of AKS is made for where pods have addresses of their own. */
const aksPods = 250;

/** MiB that a cloud reserves of a node's memory. */
const reservedMiB: Readonly<Record<ManagedCloud, (memoryGiB: number) => number>> = {
  gke: (memoryGiB) => (inSteps(gkeMemory, memoryGiB) + inSteps(gkeStreaming, memoryGiB)) * 1024,
  eks: () => 255 + 11 * eksPods,
  aks: (memoryGiB) => Math.min(20 * aksPods + 50, memoryGiB * 1024 * 0.25),
};

function inSteps({ bounds, shares }: Steps, amount: number): number {
  return bounds.reduce((sum, bound, at) => {
    const within = Math.min(amount, bound) - (bounds[at - 1] ?? 0);
    return sum + Math.max(0, within) * (shares[at] ?? 0);
  }, 0);
}

/** What a node of that size leaves for pods; a little more than it really does, because its system's own memory is not known. */
export function roomOf(cloud: ManagedCloud, { vcpus, memoryGiB }: MachineSize): NodeRoom {
  return {
    millicores: Math.floor(vcpus * 1000 - inSteps(cpuSteps[cloud], vcpus)),
    memoryMiB: Math.floor(memoryGiB * 1024 - reservedMiB[cloud](memoryGiB) - eviction),
  };
}
