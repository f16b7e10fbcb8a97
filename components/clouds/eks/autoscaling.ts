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

/** Groups as the autoscaler should try them: the first rungs of all pools, then the second ones, the rest last. */
export function groupOrder(
  ladders: readonly (readonly (readonly GroupSettings[])[])[],
): string[][] {
  const length = Math.max(0, ...ladders.map((ladder) => ladder.length));
  const rungs = Array.from({ length }, (_, at) =>
    // EKS names the Auto Scaling group so, with an id of its own behind.
    ladders.flatMap((ladder) =>
      (ladder[at] ?? []).map(({ groupName }) => `^eks-${groupName}-[0-9a-f-]+$`),
    ),
  );
  return [...rungs, [".*"]];
}
