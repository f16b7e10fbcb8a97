import { roomOf } from "../../catalog/cpu-nodes";
import { bootDiskType } from "../../catalog/gke";
import { placedGpus } from "../../catalog/sharing";
import type { PlacedPool } from "../cluster/cluster";
import { poolLabel } from "./gpu-nodes";
import type { ManagedPool } from "./managed";

/**
 * Whether pods that name no pool may run on a pool's nodes, because nothing there could surprise them: no GPU that others wait for, no
 * node that the cloud takes back, no other architecture than that of most images, no other disks than the cluster's own nodes take.
 */
export function isOpen({ machine, capacity }: Pick<ManagedPool, "machine" | "capacity">): boolean {
  const [type, ...others] = capacity;
  return (
    machine.gpu === undefined &&
    machine.arch === "amd64" &&
    (machine.cloud !== "gke" || bootDiskType(machine) === "pd-balanced") &&
    others.length === 0 &&
    (type?.kind === "on-demand" || type?.kind === "reserved")
  );
}

/** Taint of a pool without GPUs that is not open, on clouds that need no other one. */
export function ownTaint(pool: string) {
  return { key: poolLabel, value: pool, effect: "NoSchedule" } as const;
}

/** What one node of a pool offers to pods: GPUs, or CPU and memory. */
export function offered({
  machine,
  sharing,
}: Pick<ManagedPool, "machine" | "sharing">): Pick<
  PlacedPool,
  "gpu" | "gpusPerNode" | "gpusPerPod" | "gpuMemoryGiB" | "shares" | "room" | "arch"
> {
  // What is built for no architecture in particular is built for amd64.
  const arch = machine.arch === "arm64" && { arch: machine.arch };
  return machine.gpu === undefined
    ? { ...{ gpusPerNode: 0, gpusPerPod: 0, ...arch }, room: roomOf(machine.cloud, machine) }
    : { gpu: machine.gpu, ...placedGpus(machine, sharing), ...arch };
}
