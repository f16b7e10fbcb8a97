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

/** A share of what lies between two bounds: the bound above, and how much of each unit below it is reserved. */
type Step = readonly [below: number, share: number];

/** Thousandths of each core that are reserved; GKE and EKS say percents, AKS a table that comes to this (docs/facts.md 11.1 to 11.3). */
const cpuSteps: Readonly<Record<ManagedCloud, readonly Step[]>> = {
  gke: [
    [1, 60],
    [2, 10],
    [4, 5],
    [Infinity, 2.5],
  ],
  eks: [
    [1, 60],
    [2, 10],
    [4, 5],
    [Infinity, 2.5],
  ],
  aks: [
    [1, 60],
    [2, 40],
    [4, 20],
    [Infinity, 10],
  ],
};

/** Parts of the memory in GiB that GKE reserves for itself, and for streaming images (docs/facts.md 11.1). */
const gkeMemory: readonly Step[] = [
  [4, 0.25],
  [8, 0.2],
  [16, 0.1],
  [128, 0.06],
  [Infinity, 0.02],
];
const gkeStreaming: readonly Step[] = [
  [4, 0.1],
  [8, 0.08],
  [16, 0.04],
  [128, 0.024],
  [Infinity, 0.008],
];

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

function inSteps(steps: readonly Step[], amount: number): number {
  const bounds = [0, ...steps.map(([below]) => below)];
  return steps.reduce((sum, [below, share], at) => {
    const within = Math.min(amount, below) - (bounds[at] ?? 0);
    return sum + Math.max(0, within) * share;
  }, 0);
}

/** What a node of that size leaves for pods; a little more than it really does, because its system's own memory is not known. */
export function roomOf(cloud: ManagedCloud, { vcpus, memoryGiB }: MachineSize): NodeRoom {
  return {
    millicores: Math.floor(vcpus * 1000 - inSteps(cpuSteps[cloud], vcpus)),
    memoryMiB: Math.floor(memoryGiB * 1024 - reservedMiB[cloud](memoryGiB) - eviction),
  };
}
