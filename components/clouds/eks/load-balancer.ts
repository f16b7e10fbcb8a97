import type { LoadBalancer, LoadBalancerScope } from "../../cluster/cluster";
import { tagList } from "../tag-list";
import type { EksMode } from "./mode";

/** Controllers that make network load balancers; a class is for life, no balancer moves to the other one. */
const classes: Readonly<Record<EksMode, string>> = {
  auto: "eks.amazonaws.com/nlb",
  nodeGroups: "service.k8s.aws/nlb",
};

/** Label of namespaces whose pods are ready only once the load balancer sends them requests, as each controller reads it. */
export const readinessGates: Readonly<Record<EksMode, Readonly<Record<string, string>>>> = {
  auto: { "eks.amazonaws.com/pod-readiness-gate-inject": "enabled" },
  nodeGroups: { "elbv2.k8s.aws/pod-readiness-gate-inject": "enabled" },
};

/** Seconds of a network load balancer: 3 to 4 minutes to a new pod, 2 minutes from one that goes (docs/facts.md 3.24, 3.25). */
const networkLoadBalancer = { readyTime: 240, drainTime: 120 } as const;

/** A network load balancer straight to the pods, whose source ranges its security group enforces. */
export function balancer(
  mode: EksMode,
  scope: LoadBalancerScope,
  tags: Readonly<Record<string, string>>,
): LoadBalancer {
  const annotation = "service.beta.kubernetes.io/aws-load-balancer";
  const list = tagList(tags);
  return {
    class: classes[mode],
    annotations: {
      [`${annotation}-scheme`]: scope === "public" ? "internet-facing" : "internal",
      [`${annotation}-nlb-target-type`]: "ip",
      // Replicas are few: without it, a zone whose only replica goes loses connections, and loads differ (docs/facts.md 3.26).
      [`${annotation}-attributes`]: "load_balancing.cross_zone.enabled=true",
      ...(list.length > 0 && { [`${annotation}-additional-resource-tags`]: list.join(",") }),
    },
    ...networkLoadBalancer,
  };
}
