import type { ManagedCloud } from "../../../catalog/machines";
import type { Problem } from "../../problem";
import type { CapacityType, ManagedPool, SystemPool } from "../managed";

/** What the rules know of a cluster: plain values, as in the stack file. */
export interface PreflightCluster {
  /** Its cloud. */
  kind: ManagedCloud;
  /** Region, in the cloud's own name. */
  region: string;
  /** Zones of the nodes, in the cloud's own names. @default the cloud's choice */
  zones?: readonly string[];
  /** Kubernetes version to stay on. @default follows `channel` */
  version?: string;
  /** Release channel to follow. */
  channel?: "rapid" | "regular" | "stable";
  /** Source ranges that may reach the control plane. @default the endpoint that IAM or Entra protects */
  access?: readonly string[];
  /** EKS: who makes the nodes. @default "auto" */
  mode?: "auto" | "nodeGroups";
  /** EKS: ARNs of who administrates the cluster. @default [] */
  admins?: readonly string[];
  /** EKS: ARNs of who may look at it. @default [] */
  viewers?: readonly string[];
  /** Name of the cluster in its cloud. @default one that fits */
  clusterName?: string;
  /** EKS: addresses of the network. @default one that fits */
  cidr?: string;
  /** The cluster's own nodes. @default those of the cloud */
  system?: SystemPool;
  /** Tags of everything that costs money. @default {} */
  tags?: Readonly<Record<string, string>>;
  /** Day on which the rules are asked, as `2026-11-22`; a parameter, so that a test can choose it. @default today */
  today?: string;
}

type Found = Problem | readonly Problem[] | undefined;

/** Something that a cloud would refuse only after minutes, asked of the cluster, of each pool, or of each of its capacity types. */
export interface Rule {
  /** Stable number, such as `GKE-03`. */
  id: string;
  /** What it refuses or remarks on, in a few words. */
  about: string;
  /** Numbers of the lines of docs/facts.md that it stands on, such as `2.6, 3.9`. */
  facts: string;
  /** What is wrong with the cluster and all its pools together. */
  cluster?(cluster: PreflightCluster, pools: Readonly<Record<string, ManagedPool>>): Found;
  /** What is wrong with a pool, by the path from the pool. */
  pool?(pool: ManagedPool, cluster: PreflightCluster, name: string): Found;
  /** What is wrong with one of its capacity types, by the path from there. */
  capacity?(type: CapacityType, pool: ManagedPool, cluster: PreflightCluster): Found;
}

/** Everything that the rules have against a cluster and its pools, each value once: first the cluster's, then pool by pool. */
export function problemsOf(
  rules: readonly Rule[],
  cluster: PreflightCluster,
  pools: Readonly<Record<string, ManagedPool>>,
): Problem[] {
  const ofCluster = rules.flatMap((rule) => below([], rule.cluster?.(cluster, pools)));
  const ofPools = Object.entries(pools).flatMap(([name, pool]) =>
    rules.flatMap((rule) => [
      ...below(["pools", name], rule.pool?.(pool, cluster, name)),
      ...pool.capacity.flatMap((type, at) =>
        below(["pools", name, "capacity", at], rule.capacity?.(type, pool, cluster)),
      ),
    ]),
  );
  return withoutEchoes([...ofCluster, ...ofPools]);
}

function below(path: Problem["path"], found: Found = []): Problem[] {
  return [found].flat().map((one) => ({ ...one, path: [...path, ...one.path] }));
}

/** Where two rules see the same value, or one of them more closely, the first says enough; a remark never hides a refusal. */
function withoutEchoes(all: readonly Problem[]): Problem[] {
  return all.filter((one, place) => {
    const echoes = (other: Problem, at: number) =>
      sameValue(one.path, other.path) &&
      (one.warning === other.warning ? at < place : one.warning === true);
    return !all.some((other, at) => at !== place && echoes(other, at));
  });
}

function sameValue(a: Problem["path"], b: Problem["path"]): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  // Two keys of a pool are two matters, also where a rule is about the pool as a whole.
  if (short.length < 3 && short.length !== long.length) return false;
  return short.every((step, place) => step === long[place]);
}
