import { balancedByNodes, type LoadBalancer, type LoadBalancerScope } from "../../cluster/cluster";

/** A passthrough network load balancer; `loadBalancerSourceRanges` become its firewall rule. */
export function balancer(scope: LoadBalancerScope): LoadBalancer {
  const annotations = {
    // Backend services instead of target pools, which are there for old Services only.
    public: { "cloud.google.com/l4-rbs": "enabled" },
    internal: {
      "networking.gke.io/load-balancer-type": "Internal",
      // Networks joined to the cluster's may be in other regions.
      "networking.gke.io/internal-load-balancer-allow-global-access": "true",
    },
  };
  return { annotations: annotations[scope], ...balancedByNodes };
}
