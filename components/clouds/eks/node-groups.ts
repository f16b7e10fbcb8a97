import * as pulumi from "@pulumi/pulumi";
import { NvidiaDevicePlugin } from "../../cluster/device-plugin";
import { objectsProvider } from "../../cluster/objects-provider";
import { autoscalerAccount, autoscalerTags, ClusterAutoscaler } from "../cluster-autoscaler";
import { installed, type AddOn } from "./add-ons";
import { provisionTime } from "./capacity-order";
import { EfaDevicePlugin, efaSecurityGroup } from "./efa";
import { groupPlan, sharingLabels, systemLabels, type GroupSettings } from "./group-settings";
import { controllerAccount, LoadBalancerController } from "./load-balancer-controller";
import { loadBalancerPermissions } from "./load-balancer-permissions";
import { nodeGroup } from "./node-group";
import { diskStorageClass, placementGroups, type NodesArgs } from "./nodes";
import { EksRole, PodIdentity, type Statement } from "./role";

/** Nodes by managed node groups, with everything that Auto Mode would bring along. */
export class NodeGroups extends pulumi.ComponentResource {
  constructor(name: string, args: NodesArgs, opts: pulumi.ComponentResourceOptions) {
    super("gpu-serving:index:NodeGroups", name, {}, opts);
    const { clusterName, region, cluster, kubeconfig, network, tags } = args;
    const child = { parent: this };
    const plan = groupPlan(args);

    const role = new EksRole(
      `${name}-role`,
      {
        ...{ region, tags, policies, roleName: `${clusterName}-node` },
        service: "ec2.amazonaws.com",
      },
      child,
    );
    const before = installed(name, addOnsBeforeNodes, args, child);
    const together = placementGroups(name, args, child);
    const efa = plan.efa ? efaSecurityGroup(name, args, network.vpcId, child) : undefined;
    const group = (settings: GroupSettings) =>
      nodeGroup(
        name,
        settings,
        { ...args, role, together, efa },
        { ...child, dependsOn: [role, network, ...before] },
      );
    const system = plan.system.map(group);
    const gpu = plan.gpu.map(group);
    const disks = new EksRole(
      `${name}-disks`,
      {
        ...{ region, tags, roleName: `${clusterName}-disks` },
        service: "pods.eks.amazonaws.com",
        // Its second form refuses volumes that the driver did not make, such as one behind a claim (docs/facts.md 3.41).
        policies: ["service-role/AmazonEBSCSIDriverPolicy"],
      },
      child,
    );
    const behind = [
      ...installed(name, addOnsBehindNodes, args, { ...child, dependsOn: system }),
      ...installed(name, [diskDriver(disks)], args, { ...child, dependsOn: [...system, disks] }),
    ];
    const identities = controllerIdentities(name, args, child);

    // Objects need nodes, add-ons and identities: what is made with this provider goes before those.
    const provider = objectsProvider(
      `${name}-setup`,
      { kubeconfig, identity: cluster.arn, ownsAll: true },
      { ...child, dependsOn: [cluster, network, ...system, ...behind, ...gpu, ...identities] },
    );
    objects(name, args, plan, { ...child, provider });
    this.registerOutputs({});
  }
}

/** Policies of the nodes' role. */
const policies = [
  "AmazonEKSWorkerNodePolicy",
  "AmazonEC2ContainerRegistryPullOnly",
  // The network add-on runs before any agent could give it an identity of its own.
  "AmazonEKS_CNI_Policy",
];

/** Needed before a node is ready: pods get addresses and policies, Services a way, identities an agent. */
const addOnsBeforeNodes = [
  // The value is text: the add-on's schema has it so.
  { addOn: "vpc-cni", settings: { enableNetworkPolicy: "true" } },
  { addOn: "kube-proxy" },
  { addOn: "eks-pod-identity-agent" },
];

/** Need nodes to become active: names for pods, and reports of broken nodes, which EKS replaces. */
const addOnsBehindNodes = [{ addOn: "coredns" }, { addOn: "eks-node-monitoring-agent" }];

/** Disks; needs nodes, and a role to make them with. */
function diskDriver({ arn }: EksRole): AddOn {
  const identity = { serviceAccount: "ebs-csi-controller-sa", roleArn: arn };
  return { addOn: "aws-ebs-csi-driver", identity };
}

/** Rights of the pods that size groups and make load balancers. */
function controllerIdentities(
  name: string,
  { clusterName, region, cluster, tags }: NodesArgs,
  opts: pulumi.ComponentResourceOptions,
): PodIdentity[] {
  return [
    {
      role: "autoscaler",
      ...autoscalerAccount,
      statements: autoscalerPermissions(autoscalerTags(clusterName)),
    },
    { role: "load-balancers", ...controllerAccount, statements: loadBalancerPermissions },
  ].map(({ role, ...identity }) => {
    const place = { region, tags, clusterName: cluster.name, roleName: `${clusterName}-${role}` };
    return new PodIdentity(`${name}-${role}`, { ...place, ...identity }, opts);
  });
}

/** What the cluster autoscaler may do: look at everything, size only groups with all of the tags (its README for AWS). */
function autoscalerPermissions(tags: readonly string[]): Statement[] {
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

/** Puts into the cluster what Auto Mode would bring along: disks, device plugins, autoscaler, load balancers. */
function objects(
  name: string,
  { clusterName, region, version, network, pools, tags }: NodesArgs,
  { gpu, efa, order, maxNodes }: ReturnType<typeof groupPlan>,
  opts: pulumi.CustomResourceOptions,
): void {
  diskStorageClass(`${name}-gp3`, "ebs.csi.aws.com", tags, opts);
  if (gpu.length > 0) {
    const sharing = sharingLabels(pools);
    new NvidiaDevicePlugin(`${name}-device-plugin`, { sharing, leavesNetwork: efa }, opts);
  }
  if (efa) new EfaDevicePlugin(`${name}-efa-device-plugin`, opts);
  new ClusterAutoscaler(
    `${name}-cluster-autoscaler`,
    {
      ...{ clusterName, region, version, order, maxNodes, nodeSelector: systemLabels },
      provisionTime: provisionTime.nodeGroups,
    },
    opts,
  );
  new LoadBalancerController(
    `${name}-load-balancer-controller`,
    { clusterName, region, vpcId: network.vpcId, tags },
    opts,
  );
}
