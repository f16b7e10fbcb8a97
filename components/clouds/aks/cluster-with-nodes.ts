import type { ManagedCluster } from "@pulumi/azure-native/containerservice";
import type * as pulumi from "@pulumi/pulumi";
import type { ManagedClusterArgs, ManagedPool } from "../managed";
import { lock, makeAdmin } from "./access";
import { makeAgentPools } from "./agent-pools";
import { keepAuditLogs } from "./audit";
import { makeIdentity } from "./cluster-identity";
import { makeControlPlane } from "./control-plane";
import { makeNetwork } from "./network";
import { makePlace, type Place } from "./place";
import { proximityGroups } from "./placement";
import { plainPool } from "./pools";

/** What {@link clusterWithNodes} takes. */
export interface ClusterWithNodesArgs extends ManagedClusterArgs {
  /** Name in Azure. */
  clusterName: string;
  deletionProtection: boolean;
  tags: Record<string, string>;
  /** Object ids of the Entra groups that may do everything in the cluster. @default none */
  adminGroups?: string[];
  /** Nodes for pods without GPUs. */
  plainNodes: { min: number; max: number };
  /** Zones of nodes without GPUs; undefined where the region has none. */
  plainZones: string[] | undefined;
  /** GPU pools, by name, each with its zones. */
  pools: Record<string, ManagedPool>;
}

/** Makes a cluster in a resource group and network of its own, with all its nodes; `ready` is what its objects wait for. */
export function clusterWithNodes(
  name: string,
  args: ClusterWithNodesArgs,
  child: Place["child"],
): { place: Place; cluster: ManagedCluster; ready: pulumi.Resource[] } {
  const { region, version, tags, adminGroups, plainNodes, plainZones, pools } = args;
  const { clusterName: azureName, deletionProtection: protect } = args;
  const place = makePlace(name, { azureName, region, tags, protect }, child);
  const network = makeNetwork(name, place);
  const proximity = proximityGroups(name, place, pools);
  const { identity, rights } = makeIdentity(name, place, network.subnet.id, pools, proximity);
  const cluster = makeControlPlane(name, place, args, {
    ...{ network, identity, adminGroups },
    zones: plainZones,
    dependsOn: rights,
  });
  const agentPools = makeAgentPools(name, place, {
    ...{ cluster, version, pools, proximity },
    subnet: network.subnet.id,
    plain: plainPool(plainNodes, plainZones),
  });
  const admin = makeAdmin(name, place, cluster);
  keepAuditLogs(name, place, cluster.id);
  if (protect) lock(name, cluster, { ...child, dependsOn: agentPools });
  return { place, cluster, ready: [...agentPools, admin] };
}
