import { balancedByNodes, type LoadBalancer, type LoadBalancerScope } from "../../cluster/cluster";
import { tagList } from "../tag-list";

/** A load balancer of AKS; `loadBalancerSourceRanges` become rules of the network's security group. */
export function balancer(
  scope: LoadBalancerScope,
  tags: Readonly<Record<string, string>>,
): LoadBalancer {
  const prefix = "service.beta.kubernetes.io/azure";
  const list = tagList(tags).join(",");
  return {
    annotations: {
      // Minutes, 4 by default and 100 at most: a model may think longer than that between two tokens.
      [`${prefix}-load-balancer-tcp-idle-timeout`]: "30",
      // Whoever answers the port is there: a server need not know the path /.
      [`${prefix}-load-balancer-health-probe-protocol`]: "tcp",
      ...(scope === "internal" && { [`${prefix}-load-balancer-internal`]: "true" }),
      ...(scope === "public" && list && { [`${prefix}-pip-tags`]: list }),
    },
    ...balancedByNodes,
  };
}
