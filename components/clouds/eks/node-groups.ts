import { LaunchTemplate } from "@pulumi/aws/ec2/launchTemplate";
import type { SecurityGroup } from "@pulumi/aws/ec2/securityGroup";
import { NodeGroup } from "@pulumi/aws/eks/nodeGroup";
import * as pulumi from "@pulumi/pulumi";
import { NvidiaDevicePlugin } from "../../cluster/device-plugin";
import { objectsProvider } from "../../cluster/objects-provider";
import { autoscalerAccount, autoscalerTags, ClusterAutoscaler } from "../cluster-autoscaler";
import { provisionTime } from "./capacity-order";
import { autoscalerPermissions, loadBalancerPermissions } from "./controller-permissions";
import { EfaDevicePlugin, efaInterfaces, efaSecurityGroup, efaUserData } from "./efa";
import { groupPlan, sharingLabels, systemLabels, type GroupSettings } from "./group-settings";
import { controllerAccount, LoadBalancerController } from "./load-balancer-controller";
import { fitted } from "./names";
import {
  diskStorageClass,
  installed,
  placementGroups,
  type AddOn,
  type NodesArgs,
  type PlacementGroups,
} from "./nodes";
import { EksRole, PodIdentity } from "./role";

/** Nodes by managed node groups, with everything that Auto Mode would bring along. */
export class NodeGroups extends pulumi.ComponentResource {
  constructor(name: string, args: NodesArgs, opts: pulumi.ComponentResourceOptions) {
    super("gpu-serving:index:NodeGroups", name, {}, opts);
    const { clusterName, region, cluster, kubeconfig, network, tags } = args;
    const child = { parent: this };
    const place = { clusterName, region, tags };
    const plan = groupPlan(args);

    const role = new EksRole(
      `${name}-role`,
      { ...place, role: "node", service: "ec2.amazonaws.com", policies },
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
    const others = plan.others.map(group);
    const disks = new EksRole(
      `${name}-disks`,
      {
        ...place,
        role: "disks",
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
      { ...child, dependsOn: [cluster, network, ...system, ...behind, ...others, ...identities] },
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
  ].map((its) => {
    const identity = { clusterName, region, tags, cluster, ...its };
    return new PodIdentity(`${name}-${its.role}`, identity, opts);
  });
}

/** What the node groups of a cluster share. */
interface NodeGroupPlace extends NodesArgs {
  /** Role of the nodes. */
  role: EksRole;
  /** Placement groups, by pool. */
  together: PlacementGroups;
  /** Security group of EFA; undefined where no pool has it. */
  efa: SecurityGroup | undefined;
}

/** Makes one node group, with the launch template of its nodes. */
function nodeGroup(
  name: string,
  settings: GroupSettings,
  place: NodeGroupPlace,
  { parent, dependsOn }: pulumi.CustomResourceOptions,
): NodeGroup {
  const { region, version, cluster, network, tags, role } = place;
  const template = launchTemplate(`${name}-${settings.key}`, settings, place, { parent });
  return new NodeGroup(
    `${name}-${settings.key}`,
    {
      ...{ region, version, clusterName: cluster.name, nodeRoleArn: role.arn },
      tags: { ...tags, ...settings.offer },
      nodeGroupName: settings.groupName,
      subnetIds: [network.privateSubnets.get(settings.zone) ?? []].flat(),
      launchTemplate: { id: template.id, version: pulumi.interpolate`${template.latestVersion}` },
      // EKS replaces or reboots a node that is not ready, or that its agent reports broken.
      nodeRepairConfig: { enabled: true },
      ...settings.group,
    },
    {
      parent,
      dependsOn,
      // The autoscaler's number.
      ignoreChanges: ["scalingConfig.desiredSize"],
      // One node at a time, each with the grace of its pods (provider's default: 60 minutes).
      customTimeouts: { create: "30m", update: "180m", delete: "60m" },
    },
  );
}

function launchTemplate(
  name: string,
  { key, template, placedWith, efa: cards }: GroupSettings,
  { clusterName, region, cluster, tags, together, efa }: NodeGroupPlace,
  opts: pulumi.CustomResourceOptions,
): LaunchTemplate {
  const labelled = { ...tags, Name: `${clusterName}-${key}` };
  const securityGroups = efa && [cluster.vpcConfig.clusterSecurityGroupId, efa.id];
  return new LaunchTemplate(
    name,
    {
      region,
      name: fitted(`${clusterName}-${key}`, 128),
      updateDefaultVersion: true,
      // Pods do not reach the metadata, and with it the rights, of their node.
      metadataOptions: {
        httpEndpoint: "enabled",
        httpTokens: "required",
        httpPutResponseHopLimit: 1,
      },
      tagSpecifications: ["instance", "volume", "network-interface"].map((resourceType) => ({
        resourceType,
        tags: labelled,
      })),
      ...template,
      placement: placedWith ? { groupName: together[placedWith] } : undefined,
      ...(cards &&
        securityGroups && {
          networkInterfaces: efaInterfaces(cards, securityGroups),
          userData: efaUserData,
        }),
      tags,
    },
    opts,
  );
}

/** Puts into the cluster what Auto Mode would bring along: disks, device plugins, autoscaler, load balancers. */
function objects(
  name: string,
  { clusterName, region, version, network, pools, tags }: NodesArgs,
  { gpus, efa, order, maxNodes }: ReturnType<typeof groupPlan>,
  opts: pulumi.CustomResourceOptions,
): void {
  diskStorageClass(`${name}-gp3`, "ebs.csi.aws.com", tags, opts);
  if (gpus) {
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
