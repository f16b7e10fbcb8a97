import type { ManagedCloud } from "../../../catalog/machines";
import { aksRules } from "../aks/rules";
import { commonRules } from "./common";
import { eksRules } from "../eks/rules";
import { gkeRules } from "../gke/rules";
import type { ClusterRule, Rule } from "./rule";

type Rules = readonly (Rule | ClusterRule)[];

const own: Record<ManagedCloud, Rules> = { gke: gkeRules, eks: eksRules, aks: aksRules };

/** All rules for a cluster of that cloud: those that hold everywhere, then its own. */
export function rulesOf(cloud: ManagedCloud): Rules {
  return [...commonRules, ...own[cloud]];
}
