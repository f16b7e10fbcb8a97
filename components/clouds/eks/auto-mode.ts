import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { objectsProvider } from "../../cluster/objects-provider";
import { autoPlan, nodePoolObject, type ClassSettings, type NodePoolSettings } from "./auto-pools";
import { diskStorageClass, placementGroups, type NodesArgs, type PlacementGroups } from "./nodes";
import { admitted, EksRole } from "./role";

/** Nodes by EKS Auto Mode, which brings driver, device plugin, load balancers and disks along: only pools and classes are ours. */
export class AutoModeNodes extends pulumi.ComponentResource {
  constructor(name: string, args: NodesArgs, opts: pulumi.ComponentResourceOptions) {
    super("gpu-serving:index:AutoModeNodes", name, {}, opts);
    const { clusterName, region, cluster, kubeconfig, network, tags } = args;
    const child = { parent: this };
    const plan = autoPlan(args);

    const role = new EksRole(
      `${name}-role`,
      {
        ...{ clusterName, region, tags, role: "node" },
        service: "ec2.amazonaws.com",
        policies: ["AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly"],
      },
      child,
    );
    // EKS lets in the nodes of its own NodeClass only; ours carry tags, and disks of the right size.
    const join = admitted(
      `${name}-entry`,
      { region, clusterName: cluster.name, principalArn: role.arn },
      "AmazonEKSAutoNodePolicy",
      { type: "EC2", tags },
      { ...child, dependsOn: [role] },
    );
    // What nodes need must outlive them: what is made with this provider goes before that.
    const provider = objectsProvider(
      `${name}-setup`,
      { kubeconfig, identity: cluster.arn, ownsAll: true },
      { ...child, dependsOn: [cluster, network, role, join] },
    );
    const object = { ...child, provider };
    const networkPolicies = new ConfigMap(
      `${name}-network-policy`,
      {
        metadata: { name: "amazon-vpc-cni", namespace: "kube-system" },
        data: { "enable-network-policy-controller": "true" },
      },
      object,
    );
    diskStorageClass(`${name}-disks`, "ebs.csi.eks.amazonaws.com", tags, object);
    const together = placementGroups(name, args, child);
    const place = { ...args, role, together, zones: plan.zones };
    const classes = new Map(
      plan.classes.map((settings) => [
        settings.nodeClass,
        nodeClass(name, settings, place, { ...object, dependsOn: [networkPolicies] }),
      ]),
    );
    const nodePool = (settings: NodePoolSettings, after: CustomResource[]) => {
      const itsClass = classes.get(settings.spec.template.spec.nodeClassRef.name) ?? [];
      return new CustomResource(`${name}-${settings.name}`, nodePoolObject(settings), {
        ...object,
        dependsOn: [...after, itsClass].flat(),
      });
    };
    const system = plan.system.map((settings) => nodePool(settings, []));
    for (const settings of plan.others) nodePool(settings, system);
    this.registerOutputs({});
  }
}

/** What all NodeClasses of a cluster share. */
interface ClassPlace extends Pick<NodesArgs, "cluster" | "network" | "tags" | "zones"> {
  role: EksRole;
  /** Placement groups, by pool. */
  together: PlacementGroups;
}

function nodeClass(
  name: string,
  { nodeClass, diskGiB, reservations, placedWith }: ClassSettings,
  { cluster, network, tags, role, together, zones }: ClassPlace,
  opts: pulumi.CustomResourceOptions,
): CustomResource {
  const subnets = zones.flatMap((zone) => network.privateSubnets.get(zone) ?? []);
  return new CustomResource(
    `${name}-class-${nodeClass}`,
    {
      apiVersion: "eks.amazonaws.com/v1",
      kind: "NodeClass",
      metadata: { name: nodeClass },
      spec: {
        role: role.roleName,
        subnetSelectorTerms: subnets.map((id) => ({ id })),
        securityGroupSelectorTerms: [{ id: cluster.vpcConfig.clusterSecurityGroupId }],
        networkPolicy: "DefaultAllow",
        ephemeralStorage: { size: `${diskGiB}Gi`, iops: 6000, throughput: 500 },
        capacityReservationSelectorTerms:
          reservations.length > 0 ? reservations.map((id) => ({ id })) : undefined,
        placementGroupSelector: placedWith ? { name: together[placedWith] } : undefined,
        tags,
      },
    },
    // A class waits for its last node, whose pods get their grace; with it the network keeps the nodes' way out.
    { ...opts, customTimeouts: { delete: "60m" } },
  );
}
