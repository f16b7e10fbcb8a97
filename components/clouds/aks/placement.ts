import { ProximityPlacementGroup } from "@pulumi/azure-native/compute";
import type * as pulumi from "@pulumi/pulumi";
import type { ManagedPool } from "../managed";
import type { Place } from "./place";

/** Ids of proximity placement groups, by pool. */
export type ProximityGroups = Readonly<Record<string, pulumi.Output<string>>>;

/** Makes a group for each pool whose nodes are to be close to each other; the capacity types of a pool share it, so all are in one datacenter. */
export function proximityGroups(
  name: string,
  { resourceGroupName, location, tags, azureName, child }: Place,
  pools: Readonly<Record<string, ManagedPool>>,
): ProximityGroups {
  return Object.fromEntries(
    Object.entries(pools).flatMap(([pool, { network }]) => {
      if (network === undefined) return [];
      const group = new ProximityPlacementGroup(
        `${name}-${pool}-proximity`,
        {
          ...{ resourceGroupName, location, tags },
          proximityPlacementGroupName: `${azureName}-${pool}`,
          proximityPlacementGroupType: "Standard",
        },
        child,
      );
      return [[pool, group.id]];
    }),
  );
}
