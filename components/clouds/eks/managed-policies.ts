import { partition } from "./names";

/** ARNs of policies that AWS keeps, in the part of AWS that a region belongs to. */
export function managedPolicies(region: string, names: readonly string[]): string[] {
  return names.map((name) => `arn:${partition(region)}:iam::aws:policy/${name}`);
}

/** What AWS asks the cluster's role to have for Auto Mode (EKS user guide, "Cluster IAM role"). */
export function autoModePolicies(region: string): string[] {
  return [
    "AmazonEKSClusterPolicy",
    "AmazonEKSComputePolicy",
    // Both forms demand the same of volumes, the second one also of snapshots (docs/facts.md 3.40).
    partition(region) === "aws" ? "AmazonEKSBlockStoragePolicyV2" : "AmazonEKSBlockStoragePolicy",
    "AmazonEKSLoadBalancingPolicy",
    "AmazonEKSNetworkingPolicy",
  ];
}
