import { AccessEntry } from "@pulumi/aws/eks/accessEntry";
import { AccessPolicyAssociation } from "@pulumi/aws/eks/accessPolicyAssociation";
import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { objectsProvider } from "../../cluster/objects-provider";
import { autoPlan, type AutoPlan, type ClassSettings } from "./auto-plan";
import { nodePoolObject } from "./auto-pools";
import { partition } from "./names";
import { nodeRole, type NodesArgs } from "./nodes";
import { placementGroups, type PlacementGroups } from "./placement";
import type { EksRole } from "./role";
import { diskStorageClass } from "./storage-class";

/** Nodes by EKS Auto Mode, which brings driver, device plugin, load balancers and disks along: only pools and classes are ours. */
export class AutoModeNodes extends pulumi.ComponentResource {
  constructor(name: string, args: NodesArgs, opts: pulumi.ComponentResourceOptions) {
    super("gpu-serving:index:AutoModeNodes", name, {}, opts);
    const { clusterName, region, cluster, kubeconfig, network, pools, tags } = args;
    const child = { parent: this };
    const place = { clusterName, region, tags };
    const plan = autoPlan(args);

    const role = nodeRole(name, place, policies, child);
    const join = admitted(`${name}-entry`, args, role, child);
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
    const together = placementGroups(name, place, pools, child);
    const classes = new Map(
      plan.classes.map((settings) => [
        settings.nodeClass,
        nodeClass(
          name,
          settings,
          { ...args, role, together, zones: plan.zones },
          {
            ...object,
            dependsOn: [networkPolicies],
          },
        ),
      ]),
    );
    nodePools(name, plan, classes, object);
    this.registerOutputs({});
  }
}

/** Policies of the nodes' role. */
const policies = ["AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly"];

/** Lets nodes with this role in. EKS does it for its own NodeClass only; ours carry tags, and disks of the right size. */
function admitted(
  name: string,
  { region, cluster, tags }: NodesArgs,
  role: EksRole,
  { parent }: { parent: pulumi.Resource },
): AccessPolicyAssociation {
  const principal = { region, clusterName: cluster.name, principalArn: role.arn };
  const entry = new AccessEntry(
    name,
    { ...principal, type: "EC2", tags },
    { parent, dependsOn: [role] },
  );
  return new AccessPolicyAssociation(
    name,
    {
      ...principal,
      policyArn: `arn:${partition(region)}:eks::aws:cluster-access-policy/AmazonEKSAutoNodePolicy`,
      accessScope: { type: "cluster" },
    },
    { parent, dependsOn: [entry] },
  );
}

/** What all NodeClasses of a cluster share. */
interface ClassPlace extends Pick<NodesArgs, "cluster" | "network" | "tags"> {
  role: EksRole;
  /** Placement groups, by pool. */
  together: PlacementGroups;
  /** Zones of the nodes. */
  zones: readonly string[];
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

/** Makes the NodePools: those with GPUs behind those without, each behind its class. */
function nodePools(
  name: string,
  { system, gpu }: AutoPlan,
  classes: ReadonlyMap<string, CustomResource>,
  opts: pulumi.CustomResourceOptions,
): void {
  const nodePool = (of: AutoPlan["system"][number], after: CustomResource[]) =>
    new CustomResource(`${name}-${of.name}`, nodePoolObject(of), {
      ...opts,
      dependsOn: [...after, ...[classes.get(of.spec.template.spec.nodeClassRef.name) ?? []].flat()],
    });
  const before = system.map((of) => nodePool(of, []));
  for (const of of gpu) nodePool(of, before);
}
