import { LaunchTemplate } from "@pulumi/aws/ec2/launchTemplate";
import { NodeGroup } from "@pulumi/aws/eks/nodeGroup";
import * as pulumi from "@pulumi/pulumi";
import { autoscalerAccount, autoscalerTags, ClusterAutoscaler } from "../cluster-autoscaler";
import { NvidiaDevicePlugin } from "../../cluster/device-plugin";
import { objectsProvider } from "../../cluster/objects-provider";
import { addOnsBeforeNodes, addOnsBehindNodes, disks, installed } from "./add-ons";
import type { NodesArgs } from "./auto-mode";
import { autoscalerPermissions, groupOrder } from "./autoscaling";
import {
  gpuGroups,
  sharingLabels,
  systemGroups,
  systemNodes,
  type GroupSettings,
} from "./group-settings";
import { efaCards, efaInterfaces, efaSecurityGroup, efaUserData } from "./efa";
import { EfaDevicePlugin } from "./efa-device-plugin";
import { provisionTime } from "./ladder";
import { controllerAccount, LoadBalancerController } from "./load-balancer-controller";
import { loadBalancerPermissions } from "./load-balancer-permissions";
import { managedPolicies } from "./managed-policies";
import { fitted } from "./names";
import { placementGroups } from "./placement";
import { PodIdentity } from "./pod-identity";
import { EksRole } from "./role";
import { diskStorageClass } from "./storage-class";

/** Nodes by managed node groups, with everything that Auto Mode would bring along. */
export class NodeGroups extends pulumi.ComponentResource {
  constructor(name: string, args: NodesArgs, opts: pulumi.ComponentResourceOptions) {
    super("gpu-serving:index:NodeGroups", name, {}, opts);
    const { clusterName, region, version, cluster, kubeconfig, network, zones, pools, tags } = args;
    const child = { parent: this };
    const where = { region, tags };
    const identity = (role: string, account: { namespace: string; serviceAccount: string }) => ({
      ...account,
      ...where,
      clusterName: cluster.name,
      roleName: `${clusterName}-${role}`,
    });

    const role = new EksRole(
      `${name}-role`,
      {
        roleName: `${clusterName}-node`,
        service: "ec2.amazonaws.com",
        policies: managedPolicies(region, [
          "AmazonEKSWorkerNodePolicy",
          "AmazonEC2ContainerRegistryPullOnly",
          // The network add-on runs before any agent could give it an identity of its own.
          "AmazonEKS_CNI_Policy",
        ]),
        tags,
      },
      child,
    );
    const before = installed(name, addOnsBeforeNodes, cluster, where, child);
    const system = systemGroups(args.system, zones).map((one) =>
      group(one, [role, network, ...before]),
    );
    const addOns = { ...child, dependsOn: system };
    const diskRole = new EksRole(
      `${name}-disks`,
      {
        roleName: `${clusterName}-disks`,
        service: "pods.eks.amazonaws.com",
        // Its second form refuses volumes that the driver did not make, such as one behind a claim (docs/facts.md 3.41).
        policies: managedPolicies(region, ["service-role/AmazonEBSCSIDriverPolicy"]),
        tags,
      },
      child,
    );
    const after = [
      ...installed(name, addOnsBehindNodes, cluster, where, addOns),
      ...installed(name, [disks(diskRole.arn)], cluster, where, {
        ...child,
        dependsOn: [...system, diskRole],
      }),
    ];
    const together = placementGroups(name, { clusterName, region, tags }, pools, child);
    const fast = Object.values(pools).some((pool) => efaCards(pool) !== undefined);
    const efa = fast
      ? efaSecurityGroup(name, { clusterName, region, vpcId: network.vpcId, tags }, child)
      : undefined;
    const settings = Object.entries(pools).map(([pool, config]) => gpuGroups(pool, config, zones));
    const gpu = settings.flat(2).map((one) => group(one, [role, network, ...before]));

    const scaling = new PodIdentity(
      `${name}-autoscaler`,
      {
        ...identity("autoscaler", autoscalerAccount),
        statements: autoscalerPermissions(autoscalerTags(clusterName)),
      },
      child,
    );
    const balancing = new PodIdentity(
      `${name}-load-balancers`,
      { ...identity("load-balancers", controllerAccount), statements: loadBalancerPermissions },
      child,
    );
    // Objects need nodes, add-ons and identities: what is made with this provider goes before those.
    const provider = objectsProvider(
      `${name}-setup`,
      { kubeconfig, identity: cluster.arn, ownsAll: true },
      { ...child, dependsOn: [cluster, network, ...system, ...after, ...gpu, scaling, balancing] },
    );
    const objects = { ...child, provider };

    diskStorageClass(`${name}-gp3`, "ebs.csi.aws.com", tags, objects);
    if (gpu.length > 0) {
      const sharing = sharingLabels(pools);
      new NvidiaDevicePlugin(`${name}-device-plugin`, { sharing, leavesNetwork: fast }, objects);
    }
    if (fast) new EfaDevicePlugin(`${name}-efa-device-plugin`, objects);
    const most = Object.values(pools).reduce((sum, { nodes }) => sum + nodes.max, 0);
    new ClusterAutoscaler(
      `${name}-cluster-autoscaler`,
      {
        ...{ clusterName, region, version },
        nodeSelector: systemNodes,
        order: groupOrder(settings),
        maxNodes: args.system.nodes.max + most,
        provisionTime: provisionTime.nodeGroups,
      },
      objects,
    );
    new LoadBalancerController(
      `${name}-load-balancer-controller`,
      { clusterName, region, vpcId: network.vpcId, tags },
      objects,
    );
    this.registerOutputs({});

    function group(of: GroupSettings, dependsOn: pulumi.Resource[]): NodeGroup {
      const labelled = { ...tags, Name: `${clusterName}-${of.key}` };
      const template = new LaunchTemplate(
        `${name}-${of.key}`,
        {
          region,
          name: fitted(`${clusterName}-${of.key}`, 128),
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
          ...of.template,
          placement: of.placedWith ? { groupName: together[of.placedWith] } : undefined,
          ...(of.efa &&
            efa && {
              networkInterfaces: efaInterfaces(of.efa, [
                cluster.vpcConfig.clusterSecurityGroupId,
                efa.id,
              ]),
              userData: efaUserData,
            }),
          tags,
        },
        child,
      );
      return new NodeGroup(
        `${name}-${of.key}`,
        {
          region,
          tags: { ...tags, ...of.offer },
          clusterName: cluster.name,
          nodeGroupName: of.groupName,
          nodeRoleArn: role.arn,
          version,
          subnetIds: [network.privateSubnets.get(of.zone) ?? []].flat(),
          launchTemplate: {
            id: template.id,
            version: pulumi.interpolate`${template.latestVersion}`,
          },
          // EKS replaces or reboots a node that is not ready, or that its agent reports broken.
          nodeRepairConfig: { enabled: true },
          ...of.group,
        },
        {
          ...child,
          dependsOn,
          // The autoscaler's number.
          ignoreChanges: ["scalingConfig.desiredSize"],
          // One node at a time, each with the grace of its pods (provider's default: 60 minutes).
          customTimeouts: { create: "30m", update: "180m", delete: "60m" },
        },
      );
    }
  }
}
