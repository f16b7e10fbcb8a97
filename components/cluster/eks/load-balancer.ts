import type { LoadBalancer, LoadBalancerScope } from "../cluster";
import type { EksMode } from "./mode";

/** Controllers that make network load balancers; a class is for life, no balancer moves to the other one. */
const classes: Readonly<Record<EksMode, string>> = {
  auto: "eks.amazonaws.com/nlb",
  nodeGroups: "service.k8s.aws/nlb",
};

/** A network load balancer straight to the pods, whose source ranges its security group enforces. */
export function balancer(
  mode: EksMode,
  scope: LoadBalancerScope,
  tags: Readonly<Record<string, string>>,
): LoadBalancer {
  const annotation = "service.beta.kubernetes.io/aws-load-balancer";
  const list = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
  return {
    class: classes[mode],
    annotations: {
      [`${annotation}-scheme`]: scope === "public" ? "internet-facing" : "internal",
      [`${annotation}-nlb-target-type`]: "ip",
      ...(list.length > 0 && { [`${annotation}-additional-resource-tags`]: list.join(",") }),
    },
  };
}
