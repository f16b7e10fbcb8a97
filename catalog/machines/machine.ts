import type { GpuName } from "../gpus";

/** A cloud whose Kubernetes we make, as in `cluster.kind`. */
export type ManagedCloud = "gke" | "eks" | "aks";

/** How a machine can be bought; the kinds of a pool's capacity types. */
export type CapacityKind = "on-demand" | "spot" | "flex-start" | "reserved" | "block";

/** What is known of every machine that a cloud offers. */
interface AnyMachine {
  /** Cloud that offers it. */
  cloud: ManagedCloud;
  /** The cloud's own name of it, such as `g2-standard-12`, `m7i.2xlarge`, `Standard_NC24ads_A100_v4`. */
  name: string;
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

/** A machine with NVIDIA GPUs that a cloud offers; (cloud, name, gpusPerNode) is its key, because n1 machines take 1, 2 or 4 T4. */
export interface GpuMachine extends AnyMachine {
  /** Its GPU. */
  gpu: GpuName;
  /** GPUs it has; on fractional machines 1, the slice. */
  gpusPerNode: number;
  /** Memory of one GPU in GiB that can be counted on; on fractional machines that of the slice. */
  gpuMemoryGiB: number;
  /** Part of a GPU that it has: 1, or less on fractional machines. */
  gpuFraction: number;
  /** Value of `guestAccelerators.type` on GKE. */
  acceleratorType?: string;
}

/** A machine without GPUs that a cloud offers. */
export interface CpuMachine extends AnyMachine {
  gpu?: undefined;
  gpusPerNode: 0;
  /** Pods that a node has addresses for, where that depends on the machine (EKS). */
  pods?: number;
}

/** A machine that a cloud offers, with GPUs or without. */
export type Machine = GpuMachine | CpuMachine;

/** One line of a cloud's table of machines with GPUs: name, GPU, GPUs, memory of one GPU as the cloud states it, CPUs, memory, USD per hour on demand. */
export type MachineRow = readonly [
  name: string,
  gpu: GpuName,
  gpusPerNode: number,
  statedGpuMemoryGiB: number,
  vcpus: number,
  memoryGiB: number,
  usdPerHour: number | undefined,
  /** What differs from the usual machine. */
  extras?: Partial<GpuMachine>,
];

/** A family of machines without GPUs, whose memory and price grow with its CPUs: name with `#` for the size, GiB and USD per hour of one CPU, CPUs. */
export type CpuFamily = readonly [
  name: string,
  gibPerCpu: number,
  usdPerCpuHour: number,
  cpus: readonly number[],
  /** What differs from the usual family. */
  extras?: { arch?: "arm64"; usdPerCpuHourSpot?: number },
];
