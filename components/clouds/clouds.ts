import type { ManagedCloud } from "../../catalog/machines";
import type { LoadBalancerScope } from "../cluster/cluster";
import { balancer as aksBalancer } from "./aks/load-balancer";
import { aksLimits, aksRules } from "./aks/rules";
import { aksCluster, aksPool } from "./aks/schema";
import { balancer as eksBalancer } from "./eks/load-balancer";
import { eksLimits, eksRules } from "./eks/rules";
import { eksCluster, eksPool } from "./eks/schema";
import { balancer as gkeBalancer } from "./gke/load-balancer";
import { gkeLimits, gkeRules } from "./gke/rules";
import { gkeCluster, gkePool } from "./gke/schema";

/** Each cloud: the schemas of its cluster and pools in a stack file, what it takes, and what it alone would refuse. */
export const clouds = {
  gke: { cluster: gkeCluster, pool: gkePool, limits: gkeLimits, rules: gkeRules },
  eks: { cluster: eksCluster, pool: eksPool, limits: eksLimits, rules: eksRules },
  aks: { cluster: aksCluster, pool: aksPool, limits: aksLimits, rules: aksRules },
} satisfies Record<ManagedCloud, object>;

/** Makers of load balancers by cloud; on EKS their annotations are the same in both modes. */
const balancers = {
  gke: gkeBalancer,
  eks: (scope: LoadBalancerScope, tags: Readonly<Record<string, string>>) =>
    eksBalancer("auto", scope, tags),
  aks: aksBalancer,
} satisfies Record<ManagedCloud, unknown>;

/** Annotations of Services of that scope on a cluster of ours. */
export function serviceAnnotations(
  cloud: ManagedCloud,
  scope: LoadBalancerScope,
  tags: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> | undefined {
  return balancers[cloud](scope, tags).annotations;
}
