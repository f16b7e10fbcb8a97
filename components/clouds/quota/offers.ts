import type { ManagedPool } from "../managed";
import { defaultZones } from "../eks/zones";
import type { Problem } from "../../problem";
import type { PreflightCluster } from "../rules/rule";

/** Where a machine is offered: zones of the region, {@link wholeRegion} where it has none, or that nobody could be asked. */
export type Offers = readonly string[] | "unasked";

/** How a region without zones is told among zones. */
export const wholeRegion = "region";

/** The cluster's own nodes, which every cluster of ours has. */
export interface OwnNodes extends Pick<PreflightCluster, "region" | "zones"> {
  /** Their machine. */
  machine: string;
  /** Zones that they are in where none are named. @default the cloud's choice */
  usual?: readonly string[];
}

/** Zones as a stack file has them: those of Azure are digits, which need quotes. */
function inFile(zones: readonly string[]): string {
  return `[${zones.map((zone) => JSON.stringify(zone)).join(", ")}]`;
}

/** Zones of the cluster's own nodes in which their machine is not offered; where none are known, whether the region offers it at all. */
export function ownOfferProblems(
  { region, zones, machine, usual = [] }: OwnNodes,
  offers: Offers,
): Problem[] {
  if (offers === "unasked") return [];
  const missing = (zones ?? usual).filter((zone) => !offers.includes(zone));
  if (missing.length === 0 && offers.length > 0) return [];
  const offered = offers.filter((zone) => zone !== wholeRegion);
  return [
    {
      path: zones ? ["cluster", "zones"] : ["cluster"],
      problem: `${machine}, the machine of the cluster's own nodes, is not offered`,
      found: missing.length > 0 ? `zones ${missing.join(", ")}` : "no zones named",
      allowed: offers.length > 0 ? offers.join(", ") : `nothing in ${region}`,
      fix:
        offered.length > 0
          ? `write zones: ${inFile(offered)} for the cluster before it is made`
          : "name another machine under cluster.system, ask the cloud to open this one for the account, or choose another region",
    },
  ];
}

/** Zones of a stack file in which the pool's machine is not offered; where none are named, whether the region offers it at all. */
export function offerProblems(
  cluster: Pick<PreflightCluster, "kind" | "region" | "zones">,
  pools: Readonly<Record<string, ManagedPool>>,
  offersOf: (machine: string) => Offers,
): Problem[] {
  return Object.entries(pools).flatMap(([name, pool]): Problem[] => {
    const offers = offersOf(pool.machine.name);
    if (offers === "unasked") return [];
    const problem = `${pool.machine.name} is not offered`;
    const allowed = offers.length > 0 ? offers.join(", ") : `nothing in ${cluster.region}`;
    const fault = (path: Problem["path"], found: string, fix: string): Problem => ({
      ...{ path, problem, found, allowed, fix },
    });
    const elsewhere = "choose another machine, or another region";
    const anotherZone =
      offers.length === 0
        ? elsewhere
        : offers.includes(wholeRegion)
          ? "name no zones: this region has none"
          : `take one of ${inFile(offers)}`;

    const reserved = pool.capacity.flatMap((type, at) =>
      "zone" in type && type.zone !== undefined && !offers.includes(type.zone)
        ? [fault(["pools", name, "capacity", at], JSON.stringify(type.zone), anotherZone)]
        : [],
    );
    if (pool.capacity.every((type) => "zone" in type && type.zone !== undefined)) return reserved;
    const named = pool.zones ?? cluster.zones;
    const path = pool.zones ? ["pools", name, "zones"] : ["cluster", "zones"];
    if (named) {
      const missing = named.flatMap((zone, at) =>
        offers.includes(zone) ? [] : [fault([...path, at], JSON.stringify(zone), anotherZone)],
      );
      return [...reserved, ...missing];
    }
    const usual = cluster.kind === "eks" ? defaultZones(cluster.region) : [];
    const usable = usual.length > 0 ? usual.filter((zone) => offers.includes(zone)) : offers;
    if (usable.length > 0) return reserved;
    const found = usual.length > 0 ? `no zones named, so ${usual.join(", ")}` : "no zones named";
    const fix = offers.length > 0 ? `write zones: ${inFile(offers)} for the pool` : elsewhere;
    return [...reserved, fault(["pools", name], found, fix)];
  });
}
