import type { GroupSettings } from "./group-settings";
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

/** Groups as the autoscaler should try them: the first capacity types of all pools, then the second ones, the rest last. */
export function groupOrder(pools: readonly (readonly (readonly GroupSettings[])[])[]): string[][] {
  const length = Math.max(0, ...pools.map((types) => types.length));
  const order = Array.from({ length }, (_, at) =>
    // EKS names the Auto Scaling group so, with an id of its own behind.
    pools.flatMap((pool) =>
      (pool[at] ?? []).map(({ groupName }) => `^eks-${groupName}-[0-9a-f-]+$`),
    ),
  );
  return [...order, [".*"]];
}
