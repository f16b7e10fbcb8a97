import type { ManagedCloud } from "../../catalog/machines";
import { aksLimits, aksRules } from "./aks/rules";
import { aksCluster, aksPool } from "./aks/schema";
import { eksLimits, eksRules } from "./eks/rules";
import { eksCluster, eksPool } from "./eks/schema";
import { gkeLimits, gkeRules } from "./gke/rules";
import { gkeCluster, gkePool } from "./gke/schema";

/** Each cloud: the schemas of its cluster and pools in a stack file, what it takes, and what it alone would refuse. */
export const clouds = {
  gke: { cluster: gkeCluster, pool: gkePool, limits: gkeLimits, rules: gkeRules },
  eks: { cluster: eksCluster, pool: eksPool, limits: eksLimits, rules: eksRules },
  aks: { cluster: aksCluster, pool: aksPool, limits: aksLimits, rules: aksRules },
} satisfies Record<ManagedCloud, object>;
