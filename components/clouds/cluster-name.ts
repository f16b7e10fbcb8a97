import type { Problem } from "../problem";

/** Characters of the longest name: GKE takes 40; AKS's DNS prefix may have 54, and other names in Azure add their role. */
export const longestClusterName = 40;

/** What is wrong with the name of a cluster on GKE or AKS, which take the same. */
export function clusterNameFaults(clusterName: string): Problem[] {
  const fits = clusterName.length <= longestClusterName;
  if (fits && /^[a-z]([a-z0-9-]*[a-z0-9])?$/.test(clusterName)) return [];
  return [
    {
      path: ["clusterName"],
      problem: "not a name of a cluster",
      found: JSON.stringify(clusterName),
      allowed: `1 to ${longestClusterName} of a-z, 0-9 and -, first a letter and last no -`,
      fix: "set clusterName, or shorten the name of the stack",
    },
  ];
}
