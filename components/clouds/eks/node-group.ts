import { LaunchTemplate } from "@pulumi/aws/ec2/launchTemplate";
import type { SecurityGroup } from "@pulumi/aws/ec2/securityGroup";
import { NodeGroup } from "@pulumi/aws/eks/nodeGroup";
import * as pulumi from "@pulumi/pulumi";
import { efaInterfaces, efaUserData } from "./efa";
import type { GroupSettings } from "./group-settings";
import { fitted } from "./names";
import type { NodesArgs, PlacementGroups } from "./nodes";
import type { EksRole } from "./role";

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
export function nodeGroup(
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
