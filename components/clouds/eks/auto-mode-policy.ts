import type { Statement } from "./role";

/** The cluster a session of Auto Mode works for; AWS fills it in. */
const ownCluster = {
  StringEquals: {
    "aws:RequestTag/eks:eks-cluster-name": "${aws:PrincipalTag/eks:eks-cluster-name}",
  },
};

/**
 * Lets Auto Mode put our tags on what it makes; its managed policies allow its own tags alone
 * (EKS user guide, "Custom AWS tags for EKS Auto resources").
 */
export const autoModeTagging: Statement[] = [
  {
    actions: ["ec2:CreateFleet", "ec2:RunInstances", "ec2:CreateLaunchTemplate"],
    conditions: {
      ...ownCluster,
      StringLike: {
        "aws:RequestTag/eks:kubernetes-node-class-name": "*",
        "aws:RequestTag/eks:kubernetes-node-pool-name": "*",
      },
    },
  },
  {
    actions: ["ec2:CreateVolume", "ec2:CreateSnapshot"],
    resources: ["arn:*:ec2:*:*:volume/*", "arn:*:ec2:*:*:snapshot/*"],
    conditions: ownCluster,
  },
  {
    actions: ["ec2:CreateNetworkInterface"],
    conditions: {
      ...ownCluster,
      StringLike: { "aws:RequestTag/eks:kubernetes-cni-node-name": "*" },
    },
  },
  {
    actions: [
      "elasticloadbalancing:CreateLoadBalancer",
      "elasticloadbalancing:CreateTargetGroup",
      "elasticloadbalancing:CreateListener",
      "elasticloadbalancing:CreateRule",
      "ec2:CreateSecurityGroup",
    ],
    conditions: ownCluster,
  },
];
