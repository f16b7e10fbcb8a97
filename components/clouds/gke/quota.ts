import { z } from "zod";
import { bootDiskType, systemDiskGiB, usedApis } from "../../../catalog/gke";
import type { CpuMachine } from "../../../catalog/machines";
import type { Problem } from "../../problem";
import {
  familyQuota,
  gkeCpuQuotas,
  gkeCpus,
  gkeDraws,
  gpusAllRegions,
  ownDraws,
  perFamily,
  perVmFamily,
} from "../quota/draws";
import { quotaNeeds, type KnownLimit, type Need } from "../quota/need";
import { ownOfferProblems } from "../quota/offers";
import { nodeDiskGiB } from "../managed";
import { machineNames, type Answer, type Question } from "../quota/answer";
import type { Asking, Command } from "../quota/command";
import { systemPoolOf } from "../system-pool";

/** Google Cloud's command line. */
export const gcloud: Command = {
  name: "gcloud",
  from: "https://cloud.google.com/sdk/docs/install",
  login: "gcloud auth login",
  loggedOut: /gcloud auth login|active account|Reauthentication|invalid_grant/,
};

const quotas = z.object({
  quotas: z
    .array(z.object({ metric: z.string(), limit: z.number(), usage: z.number().optional() }))
    .default([]),
});

/** APIs that are on, by names such as `projects/1234/services/compute.googleapis.com`. */
const enabled = z.array(
  z.object({ name: z.string().transform((name) => name.split("/").at(-1) ?? name) }),
);

/** Zones come as a name or as the address that ends in it. */
const inZones = z.array(
  z.object({ name: z.string(), zone: z.string().transform((zone) => zone.split("/").at(-1)) }),
);

const family = z.object({
  dimensionsInfos: z
    .array(
      z.object({
        dimensions: z.record(z.string(), z.string()).default({}),
        // Nothing granted is an empty map, -1 no limit.
        details: z.object({ value: z.coerce.number().default(0) }).prefault({}),
        applicableLocations: z.array(z.string()).default([]),
      }),
    )
    .default([]),
});

/** Quotas of which each family of machines has a part, and what the parts are told apart by. */
const ofFamilies = { [perFamily]: "gpu_family", [perVmFamily]: "vm_family" };

/** Nodes that an upgrade adds to a pool without GPUs. */
const surge = 1;

/** Asks Google Cloud for quotas of the project and the region, for APIs that are on, and for zones with the machines. */
export async function askGke(asking: Asking, question: Question): Promise<Answer> {
  const { region, zones, pools, account } = question;
  const { machine: ownMachine, nodes: ownNodes } = systemPoolOf("gke", question.system);
  const own = ownDraws(ownMachine, ownNodes.max, gkeCpuQuotas(ownMachine));
  const end = [...(account === undefined ? [] : [`--project=${account}`]), "--format=json"];
  const needs = quotaNeeds(pools, gkeDraws, own);
  const regional = await asking.ask(quotas, ["compute", "regions", "describe", region, ...end]);
  const global = await asking.ask(quotas, ["compute", "project-info", "describe", ...end]);
  const families = new Map<string, z.output<typeof family>>();
  for (const of of Object.keys(ofFamilies)) {
    if (!needs.some(({ quota }) => quota.startsWith(of))) continue;
    const told = await asking.ask(family, [
      ...["beta", "quotas", "info", "describe", of],
      ...["--service=compute.googleapis.com", ...end],
    ]);
    if (told) families.set(of, told);
  }
  const machines = await asking.ask(inZones, [
    ...["compute", "machine-types", "list"],
    ...[`--filter=name=(${[...machineNames(question), ownMachine.name].join(" ")})`, ...end],
  ]);
  // Machines of other families bring their GPUs; to n1 they are attached, where the zone has them.
  const attached = Object.values(pools).flatMap(({ machine }) =>
    machine.gpu && machine.name.startsWith("n1-") ? (machine.acceleratorType ?? []) : [],
  );
  const accelerators =
    attached.length > 0
      ? await asking.ask(inZones, [
          ...["compute", "accelerator-types", "list"],
          ...[`--filter=name=(${[...new Set(attached)].join(" ")})`, ...end],
        ])
      : undefined;

  const on = await asking.ask(enabled, ["services", "list", "--enabled", ...end]);
  const off = on
    ? Object.values(usedApis).filter((api) => !on.some(({ name }) => name === api))
    : [];
  return {
    ...{ draws: gkeDraws, own, surge, limitOf, offersOf },
    needs: [ssdNeed(pools, ownMachine, ownNodes.max)],
    problems: [
      ...(off.length > 0 ? [apisProblem(off, account)] : []),
      ...ownOfferProblems({ region, zones, machine: ownMachine.name }, offersOf(ownMachine.name)),
    ],
  };

  function limitOf(quota: string): KnownLimit {
    for (const [of, dimension] of Object.entries(ofFamilies)) {
      if (quota.startsWith(of)) return familyLimit(quota, of, dimension);
    }
    const ofProject: string[] = [gpusAllRegions, gkeCpus.allRegions];
    const from = ofProject.includes(quota) ? global : regional;
    if (!from) return "unasked";
    const found = from.quotas.find(({ metric }) => metric === quota);
    if (found) return { limit: found.limit, used: found.usage };
    // A GPU that is not in the list was never granted; of vCPUs there are some in every project.
    return /(^|_)CPUS(_|$)/.test(quota) ? "unasked" : "none";
  }

  function familyLimit(quota: string, of: string, dimension: string): KnownLimit {
    const told = families.get(of);
    if (!told) return "unasked";
    const here = told.dimensionsInfos.filter(
      ({ dimensions, applicableLocations }) =>
        familyQuota(dimensions[dimension] ?? "", of) === quota &&
        (dimensions.region ?? region) === region &&
        (applicableLocations.length === 0 || applicableLocations.includes(region)),
    );
    // What is said of the region goes before what is said of all.
    const found = here.find(({ dimensions }) => dimensions.region === region) ?? here[0];
    if (!found) return "none";
    const { value } = found.details;
    return { limit: value < 0 ? Infinity : value };
  }

  function offersOf(machine: string) {
    const found = Object.values(pools).find((pool) => pool.machine.name === machine)?.machine;
    const gpu = found?.gpu ? found : undefined;
    const needsGpu = gpu !== undefined && machine.startsWith("n1-");
    if (!machines || (needsGpu && !accelerators)) return "unasked";
    const zones = zonesOf(machines, machine);
    if (!needsGpu || !accelerators) return zones;
    const withGpu = zonesOf(accelerators, gpu?.acceleratorType ?? "");
    return zones.filter((zone) => withGpu.includes(zone));
  }

  function zonesOf(list: z.output<typeof inZones>, name: string): string[] {
    const zones = list.flatMap((one) => (one.name === name && one.zone ? [one.zone] : []));
    return zones.filter((zone) => zone.startsWith(`${region}-`)).sort();
  }
}

/** APIs that are off; an `up` switches them on where its identity may. */
function apisProblem(off: readonly string[], account: string | undefined): Problem {
  const project = account === undefined ? "" : ` --project=${account}`;
  return {
    path: ["gcp:project"],
    problem: "APIs that are off in the project; pulumi up switches them on where its identity may",
    found: off.join(", "),
    allowed: "on, or an identity with roles/serviceusage.serviceUsageAdmin",
    fix: `gcloud services enable ${off.join(" ")}${project}`,
    warning: true,
  };
}

/** What the pd-balanced disks of all nodes take, all pools at `nodes.max` (docs/facts.md 2.21); Hyperdisks have quotas of their own. */
function ssdNeed(pools: Question["pools"], ownMachine: CpuMachine, ownNodes: number): Need {
  const ofPools = Object.entries(pools)
    .filter(([, { machine }]) => bootDiskType(machine) === "pd-balanced")
    .map(([name, pool]) => ({
      pool: name,
      amount: (pool.nodes.max + (pool.machine.gpu ? 0 : surge)) * nodeDiskGiB(pool),
      capacity: pool.capacity.map(({ kind }) => kind),
    }));
  const own = bootDiskType(ownMachine) === "pd-balanced" ? ownNodes * systemDiskGiB : 0;
  return {
    ...{ quota: "SSD_TOTAL_GB", unit: "GB", parts: ofPools, own },
    amount: ofPools.reduce((sum, { amount }) => sum + amount, own),
  };
}
