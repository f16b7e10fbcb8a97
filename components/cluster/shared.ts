import * as pulumi from "@pulumi/pulumi";
import type { Cluster, LoadBalancerScope } from "./cluster";
import { ExistingCluster, type ExistingClusterArgs, type SharedCluster } from "./existing";

/** What other stacks need to know of a cluster, besides its kubeconfig and what it is known by. */
export function shared(cluster: Cluster): SharedCluster {
  const { pools, enforcesNetworkPolicy, namespaceLabels, diskStorageClass } = cluster;
  return {
    ...{ pools, enforcesNetworkPolicy, namespaceLabels, diskStorageClass },
    loadBalancers: { ...made(cluster, "public"), ...made(cluster, "internal") },
  };
}

function made(cluster: Cluster, scope: LoadBalancerScope) {
  try {
    return { [scope]: cluster.loadBalancer(scope) };
  } catch (error) {
    if (pulumi.ResourceError.isInstance(error)) return {};
    throw error;
  }
}

/** Arguments for {@link clusterOfStack}: what its stack tells, and how it is reached from this one. */
export type ClusterOfStackArgs = SharedCluster &
  Pick<ExistingClusterArgs, "kubeconfig" | "identity" | "uid" | "registry">;

/** The cluster of another stack, with its pools; that stack makes and keeps it. */
export function clusterOfStack(
  name: string,
  { kubeconfig, identity, uid, registry, ...told }: ClusterOfStackArgs,
): ExistingCluster {
  return new ExistingCluster(name, { kubeconfig, identity, uid, registry, told });
}
