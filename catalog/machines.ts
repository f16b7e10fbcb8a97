import { gpuMemoryGiB, type GpuName } from "./gpus";
import { aksMachines } from "./machines/aks";
import { eksMachines } from "./machines/eks";
import { gkeMachines } from "./machines/gke";
import type { MachineRow } from "./machines/row";

/** A cloud whose Kubernetes we make, as in `cluster.kind`. */
export type ManagedCloud = "gke" | "eks" | "aks";

/** How a machine can be bought; the kinds of a pool's capacity types. */
export type CapacityKind = "on-demand" | "spot" | "flex-start" | "reserved" | "block";

/** A machine with NVIDIA GPUs that a cloud offers; (cloud, name, gpusPerNode) is its key, because n1 machines take 1, 2 or 4 T4. */
export interface Machine {
  /** Cloud that offers it. */
  cloud: ManagedCloud;
  /** The cloud's own name of it, such as `g2-standard-12`, `g6.xlarge`, `Standard_NC24ads_A100_v4`. */
  name: string;
  /** Its GPU. */
  gpu: GpuName;
  /** GPUs it has; on fractional machines 1, the slice. */
  gpusPerNode: number;
  /** Memory of one GPU in GiB that can be counted on; on fractional machines that of the slice. */
  gpuMemoryGiB: number;
  /** Part of a GPU that it has: 1, or less on fractional machines. */
  gpuFraction: number;
  /** Virtual CPUs. */
  vcpus: number;
  /** Memory in GiB. */
  memoryGiB: number;
  /** List price on demand in USD per hour, GPUs included; undefined: no list price. */
  usdPerHour?: number;
  /** Spot price in USD per hour where the cloud publishes one (GKE); elsewhere it floats. */
  usdPerHourSpot?: number;
  /** Region of the prices. */
  priceRegion: string;
  /** Value of `guestAccelerators.type` on GKE. */
  acceleratorType?: string;
  /** Local NVMe disks that come with it, in GB together. */
  nvmeGB?: number;
  /** Network, in the cloud's words. */
  net?: string;
  /** Network cards that take an EFA, AWS's network for training, by index. @default none */
  efa?: readonly number[];
  /** CPU architecture of the images it runs. */
  arch: "amd64" | "arm64";
  /** The only ways to get it; undefined: no restriction is known. */
  soldOnlyAs?: readonly CapacityKind[];
  /** What else there is to know. */
  note?: string;
}

/** All machines with NVIDIA GPUs of the three clouds. */
export const machines: readonly Machine[] = [
  ...table("gke", "us-central1", gkeMachines),
  ...table("eks", "us-east-1", eksMachines),
  ...table("aks", "eastus", aksMachines),
];

/** The machine of that name; without `gpuCount` the one with the fewest GPUs. Names are compared without regard to case on AKS, as Azure does. */
export function machine(cloud: ManagedCloud, name: string, gpuCount?: number): Machine | undefined {
  return machines
    .filter((one) => one.cloud === cloud && sameName(cloud, one.name, name))
    .filter((one) => gpuCount === undefined || one.gpusPerNode === gpuCount)
    .sort((a, b) => a.gpusPerNode - b.gpusPerNode)[0];
}

/**
 * The cheapest machine that gives whole GPUs of that name, with exactly `gpusPerNode` of them if given;
 * one without a list price only where there is no other.
 */
export function cheapestMachine(
  cloud: ManagedCloud,
  gpu: GpuName,
  gpusPerNode?: number,
): Machine | undefined {
  return machines
    .filter((one) => one.cloud === cloud && one.gpu === gpu && one.gpuFraction === 1)
    .filter((one) => gpusPerNode === undefined || one.gpusPerNode === gpusPerNode)
    .sort(
      (a, b) =>
        (a.usdPerHour ?? Infinity) - (b.usdPerHour ?? Infinity) || a.gpusPerNode - b.gpusPerNode,
    )[0];
}

function sameName(cloud: ManagedCloud, a: string, b: string): boolean {
  return cloud === "aks" ? a.toLowerCase() === b.toLowerCase() : a === b;
}

function table(cloud: ManagedCloud, priceRegion: string, rows: readonly MachineRow[]): Machine[] {
  return rows.map(([name, gpu, gpusPerNode, stated, vcpus, memoryGiB, usdPerHour, extras]) => {
    const fraction = extras?.gpuFraction ?? 1;
    return {
      cloud,
      name,
      gpu,
      gpusPerNode,
      // Google and Azure state the vendor's round figure, of which a pod sees less.
      gpuMemoryGiB: Math.min(stated, gpuMemoryGiB[gpu] * fraction),
      gpuFraction: fraction,
      vcpus,
      memoryGiB,
      usdPerHour,
      priceRegion,
      arch: "amd64",
      ...extras,
    };
  });
}
