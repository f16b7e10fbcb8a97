import { gpuMemoryGiB, type GpuName } from "./gpus";
import { aksMachines } from "./machines/aks";
import { eksMachines } from "./machines/eks";
import { gkeMachines } from "./machines/gke";
import { cpuMachines } from "./machines/cpu";
import type { CpuMachine, GpuMachine, Machine, MachineRow, ManagedCloud } from "./machines/machine";

export { cpuMachines } from "./machines/cpu";
export type {
  CapacityKind,
  CpuMachine,
  GpuMachine,
  Machine,
  ManagedCloud,
} from "./machines/machine";

/** All machines with NVIDIA GPUs of the three clouds. */
export const machines: readonly GpuMachine[] = [
  ...table("gke", "us-central1", gkeMachines),
  ...table("eks", "us-east-1", eksMachines),
  ...table("aks", "eastus", aksMachines),
];

/** The machine with GPUs of that name; without `gpuCount` the one with the fewest. Names are compared without regard to case on AKS, as Azure does. */
export function machine(
  cloud: ManagedCloud,
  name: string,
  gpuCount?: number,
): GpuMachine | undefined {
  return machines
    .filter((one) => one.cloud === cloud && isCalled(one, name))
    .filter((one) => gpuCount === undefined || one.gpusPerNode === gpuCount)
    .sort((a, b) => a.gpusPerNode - b.gpusPerNode)[0];
}

/** The machine without GPUs of that name. */
export function cpuMachine(cloud: ManagedCloud, name: string): CpuMachine | undefined {
  return cpuMachines.find((one) => one.cloud === cloud && isCalled(one, name));
}

function isCalled({ cloud, name }: Machine, wanted: string): boolean {
  return cloud === "aks" ? name.toLowerCase() === wanted.toLowerCase() : name === wanted;
}

/**
 * The cheapest machine that gives whole GPUs of that name, with exactly `gpusPerNode` of them if given;
 * one without a list price only where there is no other.
 */
export function cheapestMachine(
  cloud: ManagedCloud,
  gpu: GpuName,
  gpusPerNode?: number,
): GpuMachine | undefined {
  return machines
    .filter((one) => one.cloud === cloud && one.gpu === gpu && one.gpuFraction === 1)
    .filter((one) => gpusPerNode === undefined || one.gpusPerNode === gpusPerNode)
    .sort((a, b) => byPrice(a, b) || a.gpusPerNode - b.gpusPerNode)[0];
}

/** The cheapest machine of a cloud without GPUs, of a processor, that is large enough. */
export function cheapestCpuMachine(
  cloud: ManagedCloud,
  arch: CpuMachine["arch"],
  isEnough: (one: CpuMachine) => boolean,
): CpuMachine | undefined {
  return cpuMachines
    .filter((one) => one.cloud === cloud && one.arch === arch && isEnough(one))
    .sort(byPrice)[0];
}

const byPrice = (a: Machine, b: Machine) => (a.usdPerHour ?? Infinity) - (b.usdPerHour ?? Infinity);

function table(
  cloud: ManagedCloud,
  priceRegion: string,
  rows: readonly MachineRow[],
): GpuMachine[] {
  return rows.map(([name, gpu, gpusPerNode, stated, vcpus, memoryGiB, usdPerHour, extras]) => {
    const { gpuFraction = 1 } = extras ?? {};
    return {
      ...{ cloud, name, gpu, gpusPerNode, gpuFraction, vcpus, memoryGiB, usdPerHour, priceRegion },
      // Google and Azure state the vendor's round figure, of which a pod sees less.
      gpuMemoryGiB: Math.min(stated, gpuMemoryGiB[gpu] * gpuFraction),
      arch: "amd64",
      ...extras,
    };
  });
}
