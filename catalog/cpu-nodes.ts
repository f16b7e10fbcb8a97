import { cpuMachine, type CpuMachine, type ManagedCloud } from "./machines";

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
  /** Pods that a node has addresses for, on EKS. @default those of the smallest machines here */
  pods?: number;
}

/** A machine that is known to be in the catalog. */
function known(cloud: ManagedCloud, name: string): CpuMachine {
  const found = cpuMachine(cloud, name);
  if (!found) throw new Error(`the catalog has no machine ${name}`);
  return found;
}

/** Machines of the cluster's own nodes, where nothing else is said; on EKS the same in both modes, where what Auto Mode reserves is taken to be what node groups do. */
export const systemMachines: Readonly<Record<ManagedCloud, CpuMachine>> = {
  gke: known("gke", "e2-standard-4"),
  eks: known("eks", "m7i.large"),
  aks: known("aks", "Standard_D4ds_v5"),
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

/** Pods that a node of EKS is made for where its machine does not say, those of m7i.large; larger ones reserve more. */
const eksPods = 29;

/** Pods that a node of AKS is made for where pods have addresses of their own. */
const aksPods = 250;

/** MiB that a cloud reserves of a node's memory. */
const reservedMiB: Readonly<Record<ManagedCloud, (size: MachineSize) => number>> = {
  gke: ({ memoryGiB }) => (inSteps(gkeMemory, memoryGiB) + inSteps(gkeStreaming, memoryGiB)) * 1024,
  eks: ({ pods = eksPods }) => 255 + 11 * pods,
  aks: ({ memoryGiB }) => Math.min(20 * aksPods + 50, memoryGiB * 1024 * 0.25),
};

function inSteps({ bounds, shares }: Steps, amount: number): number {
  return bounds.reduce((sum, bound, at) => {
    const within = Math.min(amount, bound) - (bounds[at - 1] ?? 0);
    return sum + Math.max(0, within) * (shares[at] ?? 0);
  }, 0);
}

/** What a node of that size leaves for pods; a little more than it really does, because its system's own memory is not known. */
export function roomOf(cloud: ManagedCloud, size: MachineSize): NodeRoom {
  const { vcpus, memoryGiB } = size;
  return {
    millicores: Math.floor(vcpus * 1000 - inSteps(cpuSteps[cloud], vcpus)),
    memoryMiB: Math.floor(memoryGiB * 1024 - reservedMiB[cloud](size) - eviction),
  };
}
