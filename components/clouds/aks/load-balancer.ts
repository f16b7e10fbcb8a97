import { balancedByNodes, type LoadBalancer, type LoadBalancerScope } from "../../cluster/cluster";
import { tagList } from "../tag-list";

const prefix = "service.beta.kubernetes.io/azure";

/** How AKS makes load balancers; it turns `loadBalancerSourceRanges` into rules of the network's security group. */
export function loadBalancer(
  scope: LoadBalancerScope,
  tags: Readonly<Record<string, string>>,
): LoadBalancer {
  const annotations = {
    // Minutes, 4 by default and 100 at most: a model may think longer than that between two tokens.
    [`${prefix}-load-balancer-tcp-idle-timeout`]: "30",
    // Whoever answers the port is there: a server need not know the path /.
    [`${prefix}-load-balancer-health-probe-protocol`]: "tcp",
  };
  if (scope === "internal") {
    return {
      annotations: { ...annotations, [`${prefix}-load-balancer-internal`]: "true" },
      ...balancedByNodes,
    };
  }
  const list = tagList(tags).join(",");
  return {
    annotations: list ? { ...annotations, [`${prefix}-pip-tags`]: list } : annotations,
    ...balancedByNodes,
  };
}
