import type { CpuFamily, CpuMachine, ManagedCloud } from "./machine";

/** CPUs of the sizes of AWS's families, from large on. */
const large = [2, 4, 8, 16];
const to12 = [...large, 32, 48];
const to16 = [...to12, 64];
const to24 = [...to16, 96];
const arm = { arch: "arm64" } as const;

/** Spot price of one CPU, which Google publishes. */
const spot = (usdPerCpuHourSpot: number) => ({ usdPerCpuHourSpot });

/**
 * Google Cloud machines without GPUs: prices of us-central1 in the price file of Karpenter for Google Cloud, 2026-08-03; shapes from
 * the Google Cloud pricing calculator's machine list, 2026-08-20; collected 2026-11-30.
 */
// prettier-ignore
const gke: readonly CpuFamily[] = [
  ["e2-standard-#", 4, 0.033506, [2, 4, 8, 16, 32], spot(0.020106)],
  ["e2-highmem-#", 8, 0.0452, [2, 4, 8, 16], spot(0.027122)],
  ["e2-highcpu-#", 1, 0.024735, [2, 4, 8, 16, 32], spot(0.014844)],
  ["n2-standard-#", 4, 0.048559, [2, 4, 8, 16, 32, 48, 64, 80, 96, 128], spot(0.02303)],
  ["n2-highmem-#", 8, 0.065507, [2, 4, 8, 16, 32, 48, 64, 80, 96], spot(0.03107)],
  ["n2-highcpu-#", 1, 0.035848, [2, 4, 8, 16, 32, 48, 64, 80, 96], spot(0.017)],
  ["n2d-standard-#", 4, 0.042246, [2, 4, 8, 16, 32, 48, 64, 80, 96, 128, 224], spot(0.012228)],
  ["n2d-highmem-#", 8, 0.05699, [2, 4, 8, 16, 32, 48, 64, 80, 96], spot(0.016496)],
  ["n4-standard-#", 4, 0.04535, [2, 4, 8, 16, 32, 48, 64, 80], spot(0.022392)],
  ["n4-highmem-#", 8, 0.05951, [2, 4, 8, 16, 32, 48, 64, 80], spot(0.029384)],
  ["n4-highcpu-#", 2, 0.03827, [2, 4, 8, 16, 32, 48, 64, 80], spot(0.018896)],
  ["c2-standard-#", 4, 0.052202, [4, 8, 16, 30, 60], spot(0.02492)],
  ["c2d-standard-#", 4, 0.045399, [2, 4, 8, 16, 32, 56, 112], spot(0.01525)],
  ["c3-standard-#", 4, 0.050402, [4, 8, 22, 44, 88, 176], spot(0.01235)],
  ["c3-highmem-#", 8, 0.066154, [4, 8, 22, 44, 88, 176], spot(0.01621)],
  ["c3-highcpu-#", 2, 0.042526, [4, 8, 22, 44, 88, 176], spot(0.01042)],
  ["c3d-standard-#", 4, 0.045399, [4, 8, 16, 30, 60, 90, 180, 360], spot(0.010118)],
  ["c3d-highmem-#", 8, 0.061235, [4, 8, 16, 30, 60, 90, 180, 360], spot(0.013646)],
  ["c4-highcpu-#", 2, 0.042526, [2, 4, 8, 16, 24, 32, 48, 96, 144, 192], spot(0.025516)],
  ["t2d-standard-#", 4, 0.042246, [1, 2, 4, 8, 16, 32, 48, 60], spot(0.01576)],
  ["t2a-standard-#", 4, 0.0385, [1, 2, 4, 8, 16, 32, 48], { ...arm, ...spot(0.016392) }],
  ["c4a-standard-#", 4, 0.0449, [1, 2, 4, 8, 16, 32, 48, 64, 72], { ...arm, ...spot(0.019408) }],
  ["c4a-highcpu-#", 2, 0.03788, [1, 2, 4, 8, 16, 32, 48, 64, 72], { ...arm, ...spot(0.016374) }],
];

/**
 * AWS machines without GPUs, from the Karpenter for AWS repository: prices of us-east-1 in its on-demand price table of 2026-07-20,
 * shapes from its instance type reference; collected 2026-11-30. Auto Mode and node groups take all of them (docs/facts.md 3.47).
 */
// prettier-ignore
const eks: readonly CpuFamily[] = [
  ["t3.#", 4, 0.0416, [2, 4, 8]],
  ["t3a.#", 4, 0.0376, [2, 4, 8]],
  ["t4g.#", 4, 0.0336, [2, 4, 8], arm],
  ["m5.#", 4, 0.048, to24],
  ["m5a.#", 4, 0.043, to24],
  ["m6i.#", 4, 0.048, [...to24, 128]],
  ["m6a.#", 4, 0.0432, [...to24, 128, 192]],
  ["m6g.#", 4, 0.0385, to16, arm],
  ["m7i.#", 4, 0.0504, [...to24, 192]],
  ["m7i-flex.#", 4, 0.04788, to16],
  ["m7a.#", 4, 0.05796, [...to24, 128, 192]],
  ["m7g.#", 4, 0.0408, to16, arm],
  ["m8g.#", 4, 0.04488, [...to24, 192], arm],
  ["c5.#", 2, 0.0425, [...large, 36, 48, 72, 96]],
  ["c5a.#", 2, 0.0385, to24],
  ["c6i.#", 2, 0.0425, [...to24, 128]],
  ["c6a.#", 2, 0.03825, [...to24, 128, 192]],
  ["c6g.#", 2, 0.034, to16, arm],
  ["c7i.#", 2, 0.04462, [...to24, 192]],
  ["c7i-flex.#", 2, 0.0424, to16],
  ["c7a.#", 2, 0.05132, [...to24, 128, 192]],
  ["c7g.#", 2, 0.03625, to16, arm],
  ["c8g.#", 2, 0.03988, [...to24, 192], arm],
  ["r5.#", 8, 0.063, to24],
  ["r5a.#", 8, 0.0565, to24],
  ["r6i.#", 8, 0.063, [...to24, 128]],
  ["r6a.#", 8, 0.0567, [...to24, 128, 192]],
  ["r6g.#", 8, 0.0504, to16, arm],
  ["r7i.#", 8, 0.06615, [...to24, 192]],
  ["r7a.#", 8, 0.07608, [...to24, 128, 192]],
  ["r7g.#", 8, 0.0536, to16, arm],
  ["r8g.#", 8, 0.05891, [...to24, 192], arm],
];

/**
 * Azure machines without GPUs: prices of eastus in the price table of Karpenter for Azure, 2026-06-18; shapes from the Azure instance
 * types of the Kubernetes autoscaler; collected 2026-11-30. Spot prices float and are not in that table.
 */
// prettier-ignore
const aks: readonly CpuFamily[] = [
  ["Standard_D#s_v5", 4, 0.048, to24],
  ["Standard_D#ds_v5", 4, 0.0565, to24],
  ["Standard_D#ls_v5", 2, 0.0425, to24],
  ["Standard_D#s_v6", 4, 0.0504, [...to24, 128, 192]],
  ["Standard_D#ds_v6", 4, 0.0623, [...to24, 128, 192]],
  ["Standard_D#as_v6", 4, 0.0454, to24],
  ["Standard_D#ads_v6", 4, 0.057, to24],
  ["Standard_D#as_v7", 4, 0.0454, [...to24, 128, 160]],
  ["Standard_D#ps_v5", 4, 0.0385, to12, arm],
  ["Standard_D#ps_v6", 4, 0.0351, to24, arm],
  ["Standard_E#s_v5", 8, 0.063, [2, 4, 8, 16, 20, 32, 48, 64]],
  ["Standard_E#ds_v5", 8, 0.072, [2, 4, 8, 16, 20, 32, 48, 64]],
  ["Standard_E#s_v6", 8, 0.0662, [2, 4, 8, 16, 20, 32, 48, 64, 96, 128]],
  ["Standard_E#as_v6", 8, 0.0596, [2, 4, 8, 16, 20, 32, 48, 64]],
  ["Standard_F#s_v2", 2, 0.0423, [2, 4, 8, 16, 32, 48, 64, 72]],
  ["Standard_F#as_v6", 4, 0.0683, to16],
];

/** Pods that a node of EKS has addresses for, by CPUs at most; the same in all families above but t3, t3a and t4g (docs/facts.md 11.2). */
const eksPods = [
  { cpus: 2, pods: 29 },
  { cpus: 8, pods: 58 },
  { cpus: 48, pods: 234 },
  { cpus: Infinity, pods: 737 },
];

/** The machines of a cloud's families. */
function table(cloud: ManagedCloud, priceRegion: string, families: readonly CpuFamily[]) {
  return families.flatMap(([name, gibPerCpu, usd, sizes, extras = {}]) =>
    sizes.map((vcpus): CpuMachine => {
      const { arch = "amd64", usdPerCpuHourSpot } = extras;
      return {
        ...{ cloud, name: name.replace("#", sizeOf(cloud, vcpus)), gpusPerNode: 0, vcpus, arch },
        memoryGiB: vcpus * gibPerCpu,
        soldOnlyAs: ["on-demand", "spot", "reserved"],
        ...{ usdPerHour: rounded(vcpus * usd), priceRegion },
        ...(usdPerCpuHourSpot !== undefined && {
          usdPerHourSpot: rounded(vcpus * usdPerCpuHourSpot),
        }),
        ...(cloud === "eks" && { pods: podsOf(name, vcpus) }),
      };
    }),
  );
}

/** A size in the cloud's words: AWS calls 2 CPUs large, 4 xlarge, 8 2xlarge. */
function sizeOf(cloud: ManagedCloud, vcpus: number): string {
  if (cloud !== "eks") return String(vcpus);
  return vcpus === 2 ? "large" : `${vcpus === 4 ? "" : vcpus / 4}xlarge`;
}

function podsOf(family: string, vcpus: number): number | undefined {
  if (family.startsWith("t") && vcpus === 2) return 35;
  return eksPods.find(({ cpus }) => vcpus <= cpus)?.pods;
}

function rounded(usd: number): number {
  return Number(usd.toFixed(5));
}

/** Machines without GPUs of the three clouds; those with local disks, of one CPU alone (AWS) or of the largest sizes are left out. */
export const cpuMachines: readonly CpuMachine[] = [
  ...table("gke", "us-central1", gke),
  ...table("eks", "us-east-1", eks),
  ...table("aks", "eastus", aks),
];
