import { ProximityPlacementGroup } from "@pulumi/azure-native/compute";
import { AgentPool, type ManagedCluster } from "@pulumi/azure-native/containerservice";
import type * as pulumi from "@pulumi/pulumi";
import { capacityKey } from "./names";
import type { Network } from "./network";
import type { AksSettings, Place } from "./place";
import { capacitySettings, plainPool, type AgentPoolSettings } from "./pools";

/** Makes one agent pool for pods that need no pool and one for each capacity type of each pool, all at once. */
export function makeAgentPools(
  name: string,
  { resourceGroupName, tags, child }: Place,
  { version, system, plainZones, pools }: AksSettings,
  made: { cluster: ManagedCluster; network: Network; proximity: ProximityGroups },
): AgentPool[] {
  const plain = agentPool("plain", plainPool(system, plainZones));
  const others = Object.entries(pools).flatMap(([poolName, pool]) =>
    pool.capacity.map((type, at) =>
      agentPool(`${poolName}-${capacityKey(type)}`, {
        ...capacitySettings(poolName, pool, type, at),
        proximityPlacementGroupID: made.proximity[poolName],
      }),
    ),
  );
  return [plain, ...others];

  function agentPool(role: string, settings: AgentPoolSettings): AgentPool {
    return new AgentPool(
      `${name}-${role}`,
      {
        ...settings,
        ...{ resourceGroupName, tags },
        resourceName: made.cluster.name,
        vnetSubnetID: made.network.subnet.id,
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
    );
  }
}

/** Ids of proximity placement groups, by pool. */
type ProximityGroups = Readonly<Record<string, pulumi.Output<string>>>;

/** Makes a group for each pool whose nodes are to be close to each other; the capacity types of a pool share it, so all are in one datacenter. */
export function proximityGroups(
  name: string,
  { resourceGroupName, location, tags, azureName, child }: Place,
  pools: AksSettings["pools"],
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
