/** How long creations take in the real clouds, from public logs of `terraform apply` and `pulumi up`. */
type Times = Record<string, { seconds: number; source: string }>;

/** Google Cloud. */
export const gcpTimes: Times = {
  other: {
    seconds: 3,
    source: "compute address 3 s in a public apply log; IAM members and accounts alike",
  },
  "gcp:compute/network:Network": { seconds: 22, source: "opea-project/GenAIInfra pull 977: 22 s" },
  "gcp:compute/subnetwork:Subnetwork": { seconds: 23, source: "public apply logs: 11 to 23 s" },
  "gcp:compute/router:Router": { seconds: 12, source: "public apply logs: 12 to 22 s" },
  "gcp:compute/routerNat:RouterNat": { seconds: 12, source: "public apply logs: 11 to 23 s" },
  "gcp:container/cluster:Cluster": {
    seconds: 402,
    source: "public apply logs of regional clusters: 5 m 25 s, 6 m 13 s, 6 m 43 s, 9 m 22 s",
  },
  "gcp:container/nodePool:NodePool": {
    seconds: 82,
    source: "public apply logs: 1 m 4 s, 1 m 22 s, 1 m 46 s, 1 m 56 s",
  },
};

/** AWS. */
export const awsTimes: Times = {
  other: {
    seconds: 1,
    source: "roles, attachments, routes and rules: 0 to 2 s in public apply logs",
  },
  "aws:ec2/vpc:Vpc": { seconds: 11, source: "public apply logs with DNS host names: 11 to 24 s" },
  "aws:ec2/subnet:Subnet": {
    seconds: 10,
    source:
      "terraform-aws-modules/terraform-aws-eks issue 2203: 10 s with public addresses, else 1 s",
  },
  "aws:ec2/natGateway:NatGateway": {
    seconds: 107,
    source: "public apply logs: 1 m 25 s, 1 m 45 s, 1 m 47 s, 2 m 4 s",
  },
  "aws:kms/key:Key": { seconds: 28, source: "public apply logs: 12 to 29 s" },
  "aws:eks/cluster:Cluster": {
    seconds: 606,
    source: "terraform-aws-modules/terraform-aws-eks pull 3218: 10 m 6 s",
  },
  "aws:eks/nodeGroup:NodeGroup": {
    seconds: 108,
    source: "DevopsArtFactory/terraform-provisioning pull 46: 1 m 48 s and 1 m 59 s",
  },
  "aws:eks/addon:Addon": { seconds: 35, source: "public apply logs: vpc-cni 35 s" },
};

/** Azure. */
export const azureTimes: Times = {
  other: {
    seconds: 5,
    source: "public IP addresses, NAT gateways, identities: 2 to 13 s in public apply logs",
  },
  "azure-native:network:VirtualNetwork": { seconds: 8, source: "public apply logs: 8 s" },
  "azure-native:authorization:RoleAssignment": {
    seconds: 25,
    source: "public apply logs: 25 and 26 s",
  },
  "azure-native:containerservice:ManagedCluster": {
    seconds: 285,
    source: "public apply logs: 3 m 39 s, 3 m 49 s, 4 m 18 s, 4 m 45 s, 7 m 30 s, 8 m 24 s",
  },
  "azure-native:containerservice:AgentPool": {
    seconds: 180,
    source: "assumption: no log found; virtual machine scale sets of GPU nodes with their driver",
  },
};
