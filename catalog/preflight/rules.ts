import type { ManagedCloud } from "../machines";
import { commonRules } from "./common";
import { gkeRules } from "./gke";
import type { ClusterRule, Rule } from "./rule";

type Rules = readonly (Rule | ClusterRule)[];

const own: Record<ManagedCloud, Rules> = { gke: gkeRules, eks: [], aks: [] };

/** All rules for a cluster of that cloud: its own, then those that hold everywhere. */
export function rulesOf(cloud: ManagedCloud): Rules {
  return [...own[cloud], ...commonRules];
}
