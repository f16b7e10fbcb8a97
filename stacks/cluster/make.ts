import type { Cluster } from "../../components/cluster/cluster";
import { ExistingCluster } from "../../components/cluster/existing";
import { readKubeconfig } from "../../components/cluster/kubeconfig";
import { clusterOfStack, type ClusterOfStackArgs } from "../../components/cluster/shared";
import type { KnownCluster } from "../before/cluster";
import { allDescribed } from "../pool/described";
import type { ClusterConfig } from "../schema";

type Gke = typeof import("../../components/clouds/gke/gke-cluster");
type Eks = typeof import("../../components/clouds/eks/eks-cluster");
type Aks = typeof import("../../components/clouds/aks/aks-cluster");

// A cloud's SDK takes seconds to load, and a stack is on one cloud: the others must not be loaded.
declare function require(cloud: "../../components/clouds/gke/gke-cluster"): Gke;
declare function require(cloud: "../../components/clouds/eks/eks-cluster"): Eks;
declare function require(cloud: "../../components/clouds/aks/aks-cluster"): Aks;

/**
 * Makes the cluster of a stack, or takes the one that is there; `other` is what the stack of `cluster.stack` exports, `known` what one of
 * somebody else's is known by, `withoutZones` whether one of ours on AKS stays without zones.
 */
export function makeCluster(
  config: ClusterConfig,
  other?: ClusterOfStackArgs,
  known?: KnownCluster,
  withoutZones = false,
): Cluster {
  const name = "cluster";
  switch (config.kind) {
    case "existing":
      return other
        ? clusterOfStack(name, { ...other, ...known, registry: config.registry })
        : new ExistingCluster(name, { ...existing(config), ...known });
    case "gke": {
      const { GkeCluster } = require("../../components/clouds/gke/gke-cluster");
      return new GkeCluster(name, config);
    }
    case "eks": {
      const { EksCluster } = require("../../components/clouds/eks/eks-cluster");
      return new EksCluster(name, config);
    }
    case "aks": {
      const { AksCluster } = require("../../components/clouds/aks/aks-cluster");
      const { admins: adminGroups, ...args } = config;
      return new AksCluster(name, { ...args, adminGroups, withoutZones });
    }
  }
}

function existing({ pools, ...cluster }: Extract<ClusterConfig, { kind: "existing" }>) {
  return {
    kubeconfig: readKubeconfig(cluster),
    identity: cluster.identity,
    loadBalancer: cluster.loadBalancer,
    devicePlugin: cluster.devicePlugin,
    registry: cluster.registry,
    pools: allDescribed(pools),
  };
}
