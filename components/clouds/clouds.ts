import type { ManagedCloud } from "../../catalog/machines";
import type { LoadBalancerScope } from "../cluster/cluster";
import { bucketAddress as aksBucket } from "./aks/bucket-address";
import { balancer as aksBalancer } from "./aks/load-balancer";
import { aksLimits, aksRules } from "./aks/rules";
import { aksCluster, aksPool } from "./aks/schema";
import { bucketAddress as eksBucket } from "./eks/bucket-address";
import { balancer as eksBalancer } from "./eks/load-balancer";
import { eksLimits, eksRules } from "./eks/rules";
import { eksCluster, eksPool } from "./eks/schema";
import { bucketAddress as gkeBucket } from "./gke/bucket-address";
import { balancer as gkeBalancer } from "./gke/load-balancer";
import { gkeLimits, gkeRules } from "./gke/rules";
import { gkeCluster, gkePool } from "./gke/schema";

/** Each cloud: the schemas of its cluster and pools in a stack file, what it takes, what it alone would refuse, and how its buckets are addressed. */
export const clouds = {
  gke: {
    cluster: gkeCluster,
    pool: gkePool,
    limits: gkeLimits,
    rules: gkeRules,
    bucketAddress: gkeBucket,
  },
  eks: {
    cluster: eksCluster,
    pool: eksPool,
    limits: eksLimits,
    rules: eksRules,
    bucketAddress: eksBucket,
  },
  aks: {
    cluster: aksCluster,
    pool: aksPool,
    limits: aksLimits,
    rules: aksRules,
    bucketAddress: aksBucket,
  },
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
