import type { Statement } from "./role";

/** What the cluster autoscaler may do: look at everything, size only groups with all of the tags (its README for AWS). */
export function autoscalerPermissions(tags: readonly string[]): Statement[] {
  return [
    {
      actions: [
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeAutoScalingInstances",
        "autoscaling:DescribeLaunchConfigurations",
        "autoscaling:DescribeScalingActivities",
        "autoscaling:DescribeTags",
        "ec2:DescribeImages",
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeLaunchTemplateVersions",
        "ec2:GetInstanceTypesFromInstanceRequirements",
        // Labels and taints of a group without nodes.
        "eks:DescribeNodegroup",
      ],
    },
    {
      actions: [
        "autoscaling:SetDesiredCapacity",
        "autoscaling:TerminateInstanceInAutoScalingGroup",
      ],
      conditions: {
        Null: Object.fromEntries(tags.map((tag) => [`aws:ResourceTag/${tag}`, "false"])),
      },
    },
  ];
}

/** Tag of what the load balancer controller made. */
const tag = "elbv2.k8s.aws/cluster";
const beingTagged = { Null: { [`aws:RequestTag/${tag}`]: "false" } };
const tagged = { Null: { [`aws:ResourceTag/${tag}`]: "false" } };
/** It keeps its own tag, and touches only what has it. */
const retagged = {
  Null: { [`aws:RequestTag/${tag}`]: "true", [`aws:ResourceTag/${tag}`]: "false" },
};
const securityGroups = "arn:*:ec2:*:*:security-group/*";
const targetGroups = "arn:*:elasticloadbalancing:*:*:targetgroup/*/*";
const loadBalancers = "arn:*:elasticloadbalancing:*:*:loadbalancer/net/*/*";

/**
 * What the AWS load balancer controller needs for network load balancers: its published policy without what serves
 * application load balancers only (certificates, firewalls, sign-in).
 */
export const loadBalancerPermissions: Statement[] = [
  {
    actions: ["iam:CreateServiceLinkedRole"],
    conditions: { StringEquals: { "iam:AWSServiceName": "elasticloadbalancing.amazonaws.com" } },
  },
  {
    actions: [
      ...["ec2:DescribeAccountAttributes", "ec2:DescribeAddresses"],
      ...["ec2:DescribeAvailabilityZones", "ec2:DescribeInternetGateways", "ec2:DescribeVpcs"],
      ...["ec2:DescribeVpcPeeringConnections", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups"],
      ...["ec2:DescribeInstances", "ec2:DescribeNetworkInterfaces", "ec2:DescribeTags"],
      ...["ec2:DescribeRouteTables", "ec2:DescribeIpamPools", "ec2:GetSecurityGroupsForVpc"],
      "elasticloadbalancing:DescribeLoadBalancers",
      "elasticloadbalancing:DescribeLoadBalancerAttributes",
      "elasticloadbalancing:DescribeListeners",
      "elasticloadbalancing:DescribeListenerAttributes",
      "elasticloadbalancing:DescribeListenerCertificates",
      ...["elasticloadbalancing:DescribeSSLPolicies", "elasticloadbalancing:DescribeRules"],
      "elasticloadbalancing:DescribeTargetGroups",
      "elasticloadbalancing:DescribeTargetGroupAttributes",
      ...["elasticloadbalancing:DescribeTargetHealth", "elasticloadbalancing:DescribeTags"],
      "elasticloadbalancing:DescribeTrustStores",
      "elasticloadbalancing:DescribeCapacityReservation",
    ],
  },
  // Pods' own group, which the controller did not make, has to let the load balancer in.
  { actions: ["ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"] },
  { actions: ["ec2:CreateSecurityGroup"] },
  {
    actions: ["ec2:CreateTags"],
    resources: [securityGroups],
    conditions: { StringEquals: { "ec2:CreateAction": "CreateSecurityGroup" }, ...beingTagged },
  },
  {
    actions: ["ec2:CreateTags", "ec2:DeleteTags"],
    resources: [securityGroups],
    conditions: retagged,
  },
  { actions: ["ec2:DeleteSecurityGroup"], conditions: tagged },
  {
    actions: ["elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:CreateTargetGroup"],
    conditions: beingTagged,
  },
  {
    actions: [
      "elasticloadbalancing:CreateListener",
      "elasticloadbalancing:DeleteListener",
      "elasticloadbalancing:ModifyListener",
      "elasticloadbalancing:ModifyListenerAttributes",
    ],
  },
  {
    actions: ["elasticloadbalancing:AddTags"],
    resources: [targetGroups, loadBalancers],
    conditions: {
      StringEquals: {
        "elasticloadbalancing:CreateAction": ["CreateTargetGroup", "CreateLoadBalancer"],
      },
      ...beingTagged,
    },
  },
  {
    actions: ["elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags"],
    resources: [targetGroups, loadBalancers],
    conditions: retagged,
  },
  {
    actions: ["elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags"],
    resources: ["arn:*:elasticloadbalancing:*:*:listener/net/*/*/*"],
  },
  {
    actions: [
      "elasticloadbalancing:ModifyLoadBalancerAttributes",
      "elasticloadbalancing:SetIpAddressType",
      "elasticloadbalancing:SetSecurityGroups",
      "elasticloadbalancing:SetSubnets",
      "elasticloadbalancing:DeleteLoadBalancer",
      "elasticloadbalancing:ModifyTargetGroup",
      "elasticloadbalancing:ModifyTargetGroupAttributes",
      "elasticloadbalancing:DeleteTargetGroup",
    ],
    conditions: tagged,
  },
  {
    actions: ["elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"],
    resources: [targetGroups],
  },
];
