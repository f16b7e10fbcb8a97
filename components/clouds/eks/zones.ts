import type { CapacityType, ManagedPool } from "../managed";

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

/** Address ranges of a zone's subnets. */
export interface ZoneAddresses {
  /** Nodes and pods, 8,187 addresses. */
  private: string;
  /** Load balancers and NAT, 251 addresses. */
  public: string;
}

/**
 * Ranges of a zone in a network of /16. They follow from the zone's letter alone, so that another zone more or less moves
 * no subnet: six /19 for nodes and pods, and behind them a /24 each for what faces the internet.
 */
export function zoneAddresses(network: string, zone: string): ZoneAddresses {
  const [first, second] = network.split(".");
  const index = zone.charCodeAt(zone.length - 1) - "a".charCodeAt(0);
  return {
    private: `${first}.${second}.${index * 32}.0/19`,
    public: `${first}.${second}.${192 + index}.0/24`,
  };
}
