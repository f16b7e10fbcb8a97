import { balancedByNodes, type LoadBalancer, type LoadBalancerScope } from "../../cluster/cluster";

/** Annotations by which GKE makes a passthrough network load balancer; `loadBalancerSourceRanges` become its firewall rule. */
export const loadBalancers: Readonly<Record<LoadBalancerScope, LoadBalancer>> = {
  // Backend services instead of target pools, which are there for old Services only.
  public: { annotations: { "cloud.google.com/l4-rbs": "enabled" }, ...balancedByNodes },
  internal: {
    ...balancedByNodes,
    annotations: {
      "networking.gke.io/load-balancer-type": "Internal",
      // Networks joined to the cluster's may be in other regions.
      "networking.gke.io/internal-load-balancer-allow-global-access": "true",
    },
  },
};
