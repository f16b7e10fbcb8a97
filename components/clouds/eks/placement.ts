import { PlacementGroup } from "@pulumi/aws/ec2/placementGroup";
import type * as pulumi from "@pulumi/pulumi";
import type { ManagedPool } from "../managed";

/** Names of cluster placement groups, by pool. */
export type PlacementGroups = Readonly<Record<string, pulumi.Output<string>>>;

/** Whether the nodes of a capacity type go to a group of ours: AWS places those of a block itself, and a reservation is where it was made. */
export function placedByUs({ network }: Pick<ManagedPool, "network">, reserved: boolean): boolean {
  return network !== undefined && !reserved;
}

/** Makes a group for each pool whose nodes are to be close to each other; its capacity types share it. */
export function placementGroups(
  name: string,
  { clusterName, region, tags }: GroupsPlace,
  pools: Readonly<Record<string, ManagedPool>>,
  opts: pulumi.CustomResourceOptions,
): PlacementGroups {
  return Object.fromEntries(
    Object.entries(pools).flatMap(([pool, { network }]) => {
      if (network === undefined) return [];
      const group = new PlacementGroup(
        `${name}-${pool}-placement`,
        { region, name: `${clusterName}-${pool}`, strategy: "cluster", tags },
        opts,
      );
      return [[pool, group.name]];
    }),
  );
}

/** Whose groups they are. */
interface GroupsPlace {
  /** Name of the cluster in the account; those of the groups begin with it. */
  clusterName: string;
  /** Region. */
  region: string;
  /** Tags of the groups. */
  tags: Record<string, string>;
}
