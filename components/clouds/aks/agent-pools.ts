import { AgentPool, type ManagedCluster } from "@pulumi/azure-native/containerservice";
import type * as pulumi from "@pulumi/pulumi";
import type { ManagedPool } from "../managed";
import { capacityKey } from "./names";
import type { Place } from "./place";
import type { ProximityGroups } from "./placement";
import { capacitySettings, type AgentPoolSettings } from "./pools";

/** What all agent pools of one cluster share. */
export interface AgentPoolsArgs {
  cluster: ManagedCluster;
  /** Subnet of the nodes. */
  subnet: pulumi.Output<string>;
  /** Version that the nodes stay on; undefined: that of the channel. */
  version: string | undefined;
  /** Nodes without GPUs. */
  plain: AgentPoolSettings;
  /** GPU pools, by name. */
  pools: Readonly<Record<string, ManagedPool>>;
  /** Where nodes are close to each other, by pool. */
  proximity: ProximityGroups;
}

/** Makes one agent pool for pods without GPUs and one for each capacity type of each GPU pool, all at once. */
export function makeAgentPools(
  name: string,
  place: Place,
  { cluster, subnet, version, plain, pools, proximity }: AgentPoolsArgs,
): AgentPool[] {
  const { resourceGroupName, tags, child } = place;
  return [["plain", plain] as const, ...capacityTypes(pools, proximity)].map(
    ([role, settings]) =>
      new AgentPool(
        `${name}-${role}`,
        {
          ...settings,
          ...{ resourceGroupName, tags },
          resourceName: cluster.name,
          vnetSubnetID: subnet,
          orchestratorVersion: version,
        },
        {
          ...child,
          // How many nodes there are is the autoscaler's business from the first one on. AKS wants a number when it makes a pool
          // (pulumi-azure-native#2943); later it takes one that is neither the live one nor within a new range (Azure/AKS#1758).
          ignoreChanges: ["count"],
          // Nodes are upgraded one by one, each after its pods had their time: 30 minutes at most.
          customTimeouts: { create: "30m", update: "3h", delete: "90m" },
        },
      ),
  );
}

function capacityTypes(
  pools: Readonly<Record<string, ManagedPool>>,
  proximity: ProximityGroups,
): (readonly [role: string, settings: AgentPoolSettings])[] {
  return Object.entries(pools).flatMap(([name, pool]) =>
    pool.capacity.map(
      (type, at) =>
        [
          `${name}-${capacityKey(type)}`,
          { ...capacitySettings(name, pool, type, at), proximityPlacementGroupID: proximity[name] },
        ] as const,
    ),
  );
}
