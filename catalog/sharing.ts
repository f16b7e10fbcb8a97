import type { GpuName } from "./gpus";
import type { GpuMachine as CatalogMachine, ManagedCloud } from "./machines";

/** How several pods share one GPU. */
export type Sharing =
  /** Pods take turns; no memory isolation. */
  | { kind: "time-slicing"; clients: number }
  /** The GPU is cut into isolated slices of this profile, such as `1g.10gb`. */
  | { kind: "mig"; profile: string };

/** Pods that can take turns on one GPU: the fewest and the most (docs/facts.md 2.10). */
export const timeSlicingClients = [2, 48] as const;

/** Slices of a GPU that is cut by each profile, by the shares of its compute: how many fit, and of how much memory in GB each is. */
type Slices = Readonly<Record<string, number>>;

/** Seven compute slices, the memory in eighths. */
function sevenths(one: string, two: string, half: string, whole: string): Slices {
  return {
    [`1g.${one}gb`]: 7,
    [`1g.${two}gb`]: 4,
    [`2g.${two}gb`]: 3,
    [`3g.${half}gb`]: 2,
    [`4g.${half}gb`]: 1,
    [`7g.${whole}gb`]: 1,
  };
}

/** Slices that fit a GPU, by profile; NVIDIA Multi-Instance GPU user guide, supported MIG profiles, read 2026-11-22. */
const migSlices: Partial<Record<GpuName, Slices>> = {
  A100: sevenths("5", "10", "20", "40"),
  "A100-80": sevenths("10", "20", "40", "80"),
  H100: sevenths("10", "20", "40", "80"),
  "H100-MEGA": sevenths("10", "20", "40", "80"),
  "H100-NVL": sevenths("12", "24", "47", "94"),
  H200: sevenths("18", "35", "71", "141"),
  B200: sevenths("23", "45", "90", "180"),
  B300: sevenths("34", "67", "135", "269"),
  "RTX-PRO-6000": { "1g.24gb": 4, "2g.48gb": 2, "4g.96gb": 1 },
};

/**
 * Profiles of NVIDIA's that GKE does not cut. It knows a profile by its text alone: 1g.10gb of an A100 with 40 GB is cut like that
 * of one with 80, into seven slices of 5 GB. Its device plugin knows no 4g.20gb and 4g.40gb, and 1g.20gb of the H100 alone
 * (docs/facts.md 2.27).
 */
const notOnGke: Partial<Record<GpuName, readonly string[]>> = {
  A100: ["1g.10gb", "4g.20gb"],
  "A100-80": ["1g.20gb", "4g.40gb"],
  H100: ["4g.40gb"],
  "H100-MEGA": ["4g.40gb"],
};

/** GPUs that AKS cuts (AKS docs, gpu-multi-instance, read 2026-11-22). */
const cutOnAks: readonly GpuName[] = ["A100", "A100-80", "H100", "H100-NVL", "H200"];

/** Slices that fit a GPU, by profile: those that a cloud cuts, or all. */
function slicesOf(gpu: GpuName, cloud?: ManagedCloud): Map<string, number> {
  const all = Object.entries(migSlices[gpu] ?? {});
  if (cloud === "gke") return new Map(all.filter(([it]) => !notOnGke[gpu]?.includes(it)));
  if (cloud !== "aks") return new Map(all);
  if (!cutOnAks.includes(gpu)) return new Map();
  // AKS knows profiles by their compute slices alone: of those with the same ones it makes that with the least memory.
  const compute = all.map(([profile]) => profile.split(".")[0]);
  return new Map(all.filter((_, at) => compute.indexOf(compute[at]) === at));
}

/**
 * MIG profiles that cut a GPU into equal slices, those of a cloud or all that NVIDIA has; none where it has no MIG, or nobody has
 * looked its profiles up.
 */
export function migProfiles(gpu: GpuName, cloud?: ManagedCloud): string[] {
  return [...slicesOf(gpu, cloud).keys()];
}

/** What of a machine decides which GPUs its nodes offer. */
type GpuMachine = Pick<CatalogMachine, "gpu" | "gpusPerNode" | "gpuMemoryGiB"> &
  Partial<Pick<CatalogMachine, "cloud">>;

/** GPUs as Kubernetes counts them on a node: `nvidia.com/gpu`. */
export interface OfferedGpus {
  /** What one node offers. */
  gpusPerNode: number;
  /** The most that one pod may take: a pod cannot join two shares of a GPU into one. */
  gpusPerPod: number;
  /** Memory in GiB that one of them can count on; where pods take turns, its part, although nothing enforces it. */
  gpuMemoryGiB: number;
  /** Pods that take turns on one GPU; 1 on a slice. @default whole GPUs */
  shares?: number;
}

/** What a node of the machine offers with and without sharing; undefined for a profile that its GPU does not have. */
export function offeredGpus(
  { gpu, gpusPerNode, gpuMemoryGiB, cloud }: GpuMachine,
  sharing?: Sharing,
): OfferedGpus | undefined {
  if (!sharing) return { gpusPerNode, gpusPerPod: gpusPerNode, gpuMemoryGiB };
  const [shares, memory] =
    sharing.kind === "time-slicing"
      ? [sharing.clients, gpuMemoryGiB / sharing.clients]
      : // A profile such as 1g.10gb is named after the vendor's round figure.
        [slicesOf(gpu, cloud).get(sharing.profile), Number.parseInt(sharing.profile.slice(3))];
  if (shares === undefined) return undefined;
  return {
    gpusPerNode: gpusPerNode * shares,
    gpusPerPod: 1,
    gpuMemoryGiB: Math.min(memory, gpuMemoryGiB),
    shares: sharing.kind === "time-slicing" ? shares : 1,
  };
}

/** What a node of the machine offers; with a profile that its GPU does not have, as if there were none: the rules refuse that pool. */
export function placedGpus(machine: GpuMachine, sharing?: Sharing): OfferedGpus {
  const { gpusPerNode, gpuMemoryGiB } = machine;
  return offeredGpus(machine, sharing) ?? { gpusPerNode, gpusPerPod: gpusPerNode, gpuMemoryGiB };
}
