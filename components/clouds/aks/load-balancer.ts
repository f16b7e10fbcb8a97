import { balancedByNodes, type LoadBalancer, type LoadBalancerScope } from "../../cluster/cluster";

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
  const tagList = tagText(tags);
  return {
    annotations: tagList ? { ...annotations, [`${prefix}-pip-tags`]: tagList } : annotations,
    ...balancedByNodes,
  };
}

/** Tags in the form that the cloud's controllers and disk driver take. */
export function tagText(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}
