import type { Cluster } from "@pulumi/gcp/container/cluster";
import { NodePool } from "@pulumi/gcp/container/nodePool";
import type * as pulumi from "@pulumi/pulumi";
import type { CapacityType } from "../managed";
import type { PlannedPool } from "./capacity-order";
import { leavesLocalSsds } from "./disks";
import { gpuPool, management, poolTimeouts, systemPool, type NodeDefaults } from "./node-pool";

/** What {@link nodePools} takes. */
export interface NodePoolsArgs {
  cluster: Cluster;
  project: string;
  region: string;
  /** Zones of the system pool. @default the cluster's */
  zones?: string[];
  /** Whether the cluster stays on a version. */
  pinned: boolean;
  /** GPU pools. */
  pools: readonly PlannedPool[];
  defaults: NodeDefaults;
  /** What nodes need from their first minute to their last: the way out, and their account's roles. */
  needed: pulumi.Resource[];
}

/** All node pools of a cluster: the system pool, and one for each capacity type of each GPU pool. */
export function nodePools(
  name: string,
  args: NodePoolsArgs,
  opts: pulumi.CustomResourceOptions,
): NodePool[] {
  const { cluster, project, region, zones, pinned, pools, defaults, needed } = args;
  const system = nodePool("system", systemPool(defaults, zones), needed);
  const gpu = pools.flatMap(({ name: itsName, pool, nodePools: its }) =>
    its.map((one) =>
      // GKE taints GPU nodes by itself only where there is a pool without GPUs (docs/facts.md 2.13).
      nodePool(
        one.name,
        gpuPool(itsName, pool, one, defaults, project),
        [...needed, system],
        one.type.kind,
        leavesLocalSsds(pool.machine) ? ["nodeConfig.ephemeralStorageLocalSsdConfig"] : undefined,
      ),
    ),
  );
  return [system, ...gpu];

  function nodePool(
    poolName: string,
    pool: ReturnType<typeof gpuPool> | ReturnType<typeof systemPool>,
    dependsOn: pulumi.Resource[],
    kind?: CapacityType["kind"],
    ignored: string[] = [],
  ) {
    return new NodePool(
      `${name}-${poolName}`,
      {
        ...pool,
        ...{ name: poolName, project, location: region, cluster: cluster.name },
        management: management(kind),
        // Nodes of a cluster that stays on a version follow its control plane, patches too; a channel's are upgraded by GKE.
        version: pinned ? cluster.masterVersion : undefined,
      },
      {
        ...opts,
        dependsOn,
        // The autoscaler owns the number of nodes.
        ignoreChanges: ["initialNodeCount", "nodeCount", ...ignored],
        // Names are fixed, and GPUs scarce: the old nodes go before the new ones come.
        deleteBeforeReplace: true,
        customTimeouts: poolTimeouts(pool.autoscaling.totalMaxNodeCount),
      },
    );
  }
}
