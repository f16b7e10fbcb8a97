import type { Addon } from "@pulumi/aws/eks/addon";
import * as pulumi from "@pulumi/pulumi";
import { autoscalerAccount, autoscalerTags } from "../cluster-autoscaler";
import { objectsProvider } from "../../cluster/objects-provider";
import { addOnsBeforeNodes, addOnsBehindNodes, disks, installed } from "./add-ons";
import { autoscalerPermissions } from "./autoscaling";
import { efaSecurityGroup } from "./efa";
import { groupPlan } from "./group-plan";
import type { GroupSettings } from "./group-settings";
import { controllerAccount } from "./load-balancer-controller";
import { loadBalancerPermissions } from "./load-balancer-permissions";
import { managedPolicies } from "./managed-policies";
import { nodeGroup } from "./node-group";
import { nodeGroupObjects } from "./node-group-objects";
import { nodeRole, type NodesArgs } from "./nodes";
import { placementGroups } from "./placement";
import { PodIdentity } from "./pod-identity";
import { EksRole } from "./role";

/** Nodes by managed node groups, with everything that Auto Mode would bring along. */
export class NodeGroups extends pulumi.ComponentResource {
  constructor(name: string, args: NodesArgs, opts: pulumi.ComponentResourceOptions) {
    super("gpu-serving:index:NodeGroups", name, {}, opts);
    const { clusterName, region, cluster, kubeconfig, network, pools, tags } = args;
    const child = { parent: this };
    const place = { clusterName, region, tags };
    const plan = groupPlan(args);

    const role = nodeRole(name, place, policies, child);
    const before = installed(name, addOnsBeforeNodes, cluster, { region, tags }, child);
    const together = placementGroups(name, place, pools, child);
    const efa = plan.efa
      ? efaSecurityGroup(name, { ...place, vpcId: network.vpcId }, child)
      : undefined;
    const group = (of: GroupSettings) =>
      nodeGroup(
        name,
        of,
        { ...args, role, together, efa },
        { ...child, dependsOn: [role, network, ...before] },
      );
    const system = plan.system.map(group);
    const gpu = plan.gpu.map(group);
    const addOns = addOnsOfNodes(name, args, { ...child, dependsOn: system });
    const identities = controllerIdentities(name, args, child);

    // Objects need nodes, add-ons and identities: what is made with this provider goes before those.
    const provider = objectsProvider(
      `${name}-setup`,
      { kubeconfig, identity: cluster.arn, ownsAll: true },
      { ...child, dependsOn: [cluster, network, ...system, ...addOns, ...gpu, ...identities] },
    );
    nodeGroupObjects(name, args, plan, { ...child, provider });
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

/** Add-ons that need nodes, which `dependsOn` has. */
function addOnsOfNodes(
  name: string,
  { clusterName, region, cluster, tags }: NodesArgs,
  { parent, dependsOn }: { parent: pulumi.Resource; dependsOn: pulumi.Resource[] },
): Addon[] {
  const role = new EksRole(
    `${name}-disks`,
    {
      roleName: `${clusterName}-disks`,
      service: "pods.eks.amazonaws.com",
      // Its second form refuses volumes that the driver did not make, such as one behind a claim (docs/facts.md 3.41).
      policies: managedPolicies(region, ["service-role/AmazonEBSCSIDriverPolicy"]),
      tags,
    },
    { parent },
  );
  const where = { region, tags };
  return [
    ...installed(name, addOnsBehindNodes, cluster, where, { parent, dependsOn }),
    ...installed(name, [disks(role.arn)], cluster, where, {
      parent,
      dependsOn: [...dependsOn, role],
    }),
  ];
}

/** Rights of the pods that size groups and make load balancers. */
function controllerIdentities(
  name: string,
  { clusterName, region, cluster, tags }: NodesArgs,
  opts: pulumi.ComponentResourceOptions,
): PodIdentity[] {
  const identity = (role: string, account: { namespace: string; serviceAccount: string }) => ({
    ...{ ...account, region, tags, clusterName: cluster.name },
    roleName: `${clusterName}-${role}`,
  });
  return [
    new PodIdentity(
      `${name}-autoscaler`,
      {
        ...identity("autoscaler", autoscalerAccount),
        statements: autoscalerPermissions(autoscalerTags(clusterName)),
      },
      opts,
    ),
    new PodIdentity(
      `${name}-load-balancers`,
      { ...identity("load-balancers", controllerAccount), statements: loadBalancerPermissions },
      opts,
    ),
  ];
}
