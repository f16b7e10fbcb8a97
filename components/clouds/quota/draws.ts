import type { CapacityType } from "../managed";
import type { GpuName } from "../../../catalog/gpus";
import type { CpuMachine, Machine } from "../../../catalog/machines";
import type { Draw, Draws, OwnDraw } from "./need";

/** Quota of all GPUs of a Google Cloud project, whatever their kind, place and price. */
export const gpusAllRegions = "GPUS_ALL_REGIONS";

/** Quota of the newer GPUs on demand, one for each family in each region (Cloud Quotas). */
export const perFamily = "GPUS-PER-GPU-FAMILY-per-project-region";

/**
 * How Google's quotas call a GPU, and whether on demand it counts in {@link perFamily} rather than in a quota of its own
 * (`NVIDIA_L4_GPUS`); Compute Engine docs, allocation quotas, and answers of the Cloud Quotas API in public repositories,
 * read 2026-11-22. All have one of their own for spot.
 */
const gkeFamilies: Partial<Record<GpuName, { name: string; newer: boolean }>> = {
  T4: { name: "NVIDIA_T4", newer: false },
  L4: { name: "NVIDIA_L4", newer: false },
  A100: { name: "NVIDIA_A100", newer: false },
  "A100-80": { name: "NVIDIA_A100_80GB", newer: false },
  H100: { name: "NVIDIA_H100", newer: true },
  "H100-MEGA": { name: "NVIDIA_H100_MEGA", newer: true },
  H200: { name: "NVIDIA_H200", newer: true },
  B200: { name: "NVIDIA_B200", newer: true },
  GB200: { name: "NVIDIA_GB200", newer: true },
  GB300: { name: "NVIDIA_GB300", newer: true },
  "RTX-PRO-6000": { name: "NVIDIA_RTX_PRO_6000", newer: true },
};

/** Google counts GPUs: those of a family in a region, spot and flex-start apart, and all of them in the project. */
export const gkeDraws: Draws = (machine, { kind }) => {
  if (isReserved(kind)) return [];
  if (machine.gpu === undefined) {
    return gkeCpuQuotas(machine).map((quota) => vcpus(machine, quota));
  }
  const { name, newer } = gkeFamilies[machine.gpu] ?? { name: machine.gpu, newer: true };
  const onDemand = newer ? familyQuota(name) : `${name}_GPUS`;
  const gpus = { unit: "GPUs", perNode: machine.gpusPerNode } as const;
  return [
    { quota: kind === "on-demand" ? onDemand : `PREEMPTIBLE_${name}_GPUS`, ...gpus },
    { quota: gpusAllRegions, ...gpus },
  ];
};

/** Quotas of a Google Cloud project that count the vCPUs of E2 machines of a region, and those of all regions (docs/facts.md 2.31). */
export const gkeCpus = { region: "CPUS", allRegions: "CPUS_ALL_REGIONS" } as const;

/** Quota of the vCPUs of newer families, one for each in each region (Cloud Quotas). */
export const perVmFamily = "CPUS-PER-VM-FAMILY-per-project-region";

/** Families whose vCPUs a region counts apart, in a quota such as `N2_CPUS` (docs/facts.md 2.31). */
const countedApart = ["n2", "n2d", "c2", "c2d", "c3", "t2a", "t2d"];

/** Quotas that the vCPUs of a machine without GPUs count in; spot ones, too, as long as the project has no quota of its own for them. */
export function gkeCpuQuotas({ name }: Pick<CpuMachine, "name">): string[] {
  const [family = ""] = name.split("-");
  const apart = countedApart.includes(family)
    ? `${family.toUpperCase()}_CPUS`
    : familyQuota(family.toUpperCase(), perVmFamily);
  return [family === "e2" ? gkeCpus.region : apart, gkeCpus.allRegions];
}

/** Name of a family's part of {@link perFamily} or {@link perVmFamily}. */
export function familyQuota(family: string, quota = perFamily): string {
  return `${quota}[${family}]`;
}

/**
 * Codes and names of the EC2 quotas of our machines (Service Quotas; EC2 user guide, On-Demand and Spot Instance quotas,
 * read 2026-11-22; the first one docs/facts.md 3.43). That spot P6 counts with P5 is what a public guide says; AWS names only P5.
 */
export const eksQuotas = {
  onDemandStandard: "L-1216C47A (Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances)",
  spotStandard: "L-34B43A08 (All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests)",
  onDemandG: "L-DB2E81BA (Running On-Demand G and VT instances)",
  onDemandP: "L-417A185B (Running On-Demand P instances)",
  spotG: "L-3819A6DF (All G and VT Spot Instance Requests)",
  spotP: "L-7212CCBC (All P4, P3 and P2 Spot Instance Requests)",
  spotP5: "L-C4BD4855 (All P5 Spot Instance Requests)",
} as const;

/** AWS counts vCPUs of a class of machines in a region, spot apart; capacity blocks have limits of their own. */
export const eksDraws: Draws = (machine, { kind }) => {
  if (isReserved(kind)) return [];
  return [vcpus(machine, eksQuota(machine, kind === "spot"))];
};

function eksQuota({ gpu, name }: Machine, isSpot: boolean): string {
  if (gpu === undefined) return isSpot ? eksQuotas.spotStandard : eksQuotas.onDemandStandard;
  if (name.startsWith("g")) return isSpot ? eksQuotas.spotG : eksQuotas.onDemandG;
  if (!isSpot) return eksQuotas.onDemandP;
  return /^p[2-4]/.test(name) ? eksQuotas.spotP : eksQuotas.spotP5;
}

/** Azure's quotas over all machines of a region. */
export const aksTotals = { regular: "cores", spot: "lowPriorityCores" } as const;

/** Azure counts vCPUs: those of a family and all of a region; spot nodes of whatever family in one quota alone. */
export function aksDraws(families: ReadonlyMap<string, string>): Draws {
  return (machine, { kind }) => {
    if (isReserved(kind)) return [];
    if (kind === "spot") return [vcpus(machine, aksTotals.spot)];
    const family = families.get(machine.name);
    return [...(family === undefined ? [] : [family]), aksTotals.regular].map((quota) =>
      vcpus(machine, quota),
    );
  };
}

/** What so many of the cluster's own nodes take from each of the quotas that their vCPUs count in. */
export function ownDraws(
  { vcpus }: Pick<CpuMachine, "vcpus">,
  nodes: number,
  quotas: readonly string[],
): OwnDraw[] {
  const amount = nodes * vcpus;
  return quotas.map((quota) => ({ quota, unit: "vCPUs", amount }));
}

/** What is reserved was taken from the quota when it was reserved. */
function isReserved(kind: CapacityType["kind"]): boolean {
  return kind === "reserved" || kind === "block";
}

function vcpus({ vcpus }: Machine, quota: string): Draw {
  return { quota, unit: "vCPUs", perNode: vcpus };
}
