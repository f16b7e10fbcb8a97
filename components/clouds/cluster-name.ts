/** Characters of the longest name on GKE and AKS: GKE takes 40; AKS's DNS prefix may have 54, and other names in Azure add their role. */
export const longestClusterName = 40;
