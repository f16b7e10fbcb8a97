import type { CapacityType, ManagedPool } from "../managed";

/** Regions whose zones are not a, b, c; an empty list where accounts differ. General knowledge, no public table has it. */
const zoneLetters: Readonly<Record<string, readonly string[]>> = {
  "ap-northeast-1": ["a", "c", "d"],
  "ca-central-1": ["a", "b", "d"],
  // Each account sees two of three.
  "us-west-1": [],
};

/** The first three zones of a region on AWS by name; none where accounts differ. Known here, so that a preview asks no cloud. */
export function defaultZones(region: string): string[] {
  return (zoneLetters[region] ?? ["a", "b", "c"]).map((letter) => `${region}${letter}`);
}

/** Zones in which there must be subnets: the cluster's, its pools' and their reservations'. */
export function subnetZones(
  zones: readonly string[],
  pools: Readonly<Record<string, ManagedPool>>,
): string[] {
  const ofPools = Object.values(pools).flatMap((pool) => [
    ...(pool.zones ?? []),
    ...pool.capacity.flatMap((type) => capacityZones(type, [])),
  ]);
  return [...new Set([...zones, ...ofPools])].sort();
}

/** Zones of a capacity type: a reservation's own, else those given. */
export function capacityZones(type: CapacityType, zones: readonly string[]): readonly string[] {
  return "zone" in type && type.zone ? [type.zone] : zones;
}

/** Nodes that always run, shared out over zones: one more in the first ones where they do not come out even. */
export function shares(nodes: number, zones: readonly string[]): { zone: string; nodes: number }[] {
  return zones.map((zone, at) => ({
    zone,
    nodes: Math.floor((nodes + zones.length - 1 - at) / zones.length),
  }));
}

/**
 * Address ranges of a zone's subnets in a network of /16: 8,187 addresses for nodes and pods, 251 for load balancers and NAT. They
 * follow from the zone's letter alone, so that another zone more or less moves no subnet: six /19, and behind them six /24.
 */
export function zoneAddresses(network: string, zone: string) {
  const [first, second] = network.split(".");
  const index = zone.charCodeAt(zone.length - 1) - "a".charCodeAt(0);
  return {
    private: `${first}.${second}.${index * 32}.0/19`,
    public: `${first}.${second}.${192 + index}.0/24`,
  };
}
