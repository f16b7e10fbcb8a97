import type { GpuName } from "../gpus";
import type { Machine } from "../machines";

/** What differs from the usual machine. */
type Extras = Partial<
  Pick<
    Machine,
    | "usdPerHourSpot"
    | "priceRegion"
    | "acceleratorType"
    | "gpuFraction"
    | "nvmeGB"
    | "net"
    | "efa"
    | "arch"
    | "soldOnlyAs"
    | "note"
  >
>;

/** One line of a cloud's table: name, GPU, GPUs, memory of one GPU as the cloud states it, CPUs, memory, USD per hour on demand. */
export type MachineRow = readonly [
  name: string,
  gpu: GpuName,
  gpusPerNode: number,
  statedGpuMemoryGiB: number,
  vcpus: number,
  memoryGiB: number,
  usdPerHour: number | undefined,
  extras?: Extras,
];
