import { AccessEntry } from "@pulumi/aws/eks/accessEntry";
import { AccessPolicyAssociation } from "@pulumi/aws/eks/accessPolicyAssociation";
import type { Cluster } from "@pulumi/aws/eks/cluster";
import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import type { ManagedPool } from "../managed";
import { objectsProvider } from "../../cluster/objects-provider";
import type { AutoPool, SystemPool } from "./auto-pools";
import { autoPools, nodePoolObject, systemClass, systemPools } from "./auto-pools";
import { managedPolicies } from "./managed-policies";
import { partition } from "./names";
import type { EksNetwork } from "./network";
import { placementGroups } from "./placement";
import { EksRole } from "./role";
import { diskStorageClass } from "./storage-class";
import { subnetZones } from "./zones";

/** Arguments of what makes a cluster's nodes, in both modes. */
export interface NodesArgs {
  /** Name of the cluster in the account. */
  clusterName: string;
  /** Region. */
  region: string;
  /** Kubernetes version of the control plane. */
  version: string;
  /** Control plane, with its access entries. */
  cluster: Cluster;
  /** Leads to it. */
  kubeconfig: pulumi.Input<string>;
  /** Network of the nodes. */
  network: EksNetwork;
  /** Zones of nodes, unless a pool says otherwise. */
  zones: string[];
  /** Nodes without GPU. */
  system: SystemPool;
  /** GPU pools, by name. */
  pools: Readonly<Record<string, ManagedPool>>;
  /** Tags of everything that costs money. */
  tags: Record<string, string>;
}

/** Nodes by EKS Auto Mode, which brings driver, device plugin, load balancers and disks along: only pools and classes are ours. */
export class AutoModeNodes extends pulumi.ComponentResource {
  constructor(name: string, args: NodesArgs, opts: pulumi.ComponentResourceOptions) {
    super("gpu-serving:index:AutoModeNodes", name, {}, opts);
    const { clusterName, region, cluster, kubeconfig, network, zones, pools, tags } = args;
    const role = new EksRole(
      `${name}-role`,
      {
        roleName: `${clusterName}-node`,
        service: "ec2.amazonaws.com",
        policies: managedPolicies(region, [
          "AmazonEKSWorkerNodeMinimalPolicy",
          "AmazonEC2ContainerRegistryPullOnly",
        ]),
        tags,
      },
      { parent: this },
    );
    // EKS makes these for its own NodeClass only; ours carry tags, and disks of the right size.
    const principal = { region, clusterName: cluster.name, principalArn: role.arn };
    const entry = new AccessEntry(
      `${name}-entry`,
      { ...principal, type: "EC2", tags },
      { parent: this, dependsOn: [role] },
    );
    const join = new AccessPolicyAssociation(
      `${name}-entry`,
      {
        ...principal,
        policyArn: `arn:${partition(region)}:eks::aws:cluster-access-policy/AmazonEKSAutoNodePolicy`,
        accessScope: { type: "cluster" },
      },
      { parent: this, dependsOn: [entry] },
    );

    // What nodes need must outlive them: what is made with this provider goes before that.
    const provider = objectsProvider(
      `${name}-setup`,
      { kubeconfig, identity: cluster.arn, ownsAll: true },
      { parent: this, dependsOn: [cluster, network, role, join] },
    );
    const child = { parent: this, provider };
    const policies = new ConfigMap(
      `${name}-network-policy`,
      {
        metadata: { name: "amazon-vpc-cni", namespace: "kube-system" },
        data: { "enable-network-policy-controller": "true" },
      },
      child,
    );
    diskStorageClass(`${name}-disks`, "ebs.csi.eks.amazonaws.com", tags, child);

    const together = placementGroups(name, { clusterName, region, tags }, pools, { parent: this });
    const gpu = Object.entries(pools).flatMap(([pool, config]) => autoPools(pool, config, zones));
    const subnets = subnetZones(zones, pools).flatMap(
      (zone) => network.privateSubnets.get(zone) ?? [],
    );
    const classes = new Map<string, CustomResource>();
    nodeClass({ nodeClass: systemClass, diskGiB: 80, reservations: [] });
    for (const pool of gpu) if (!classes.has(pool.nodeClass)) nodeClass(pool);
    const system = systemPools(args.system, zones).map((pool) => nodePool(pool, []));
    for (const pool of gpu) nodePool(pool, system);
    this.registerOutputs({});

    function nodePool(
      of: Pick<AutoPool, "name" | "spec">,
      after: CustomResource[],
    ): CustomResource {
      const { name: className } = of.spec.template.spec.nodeClassRef;
      return new CustomResource(`${name}-${of.name}`, nodePoolObject(of), {
        ...child,
        dependsOn: [...after, ...[classes.get(className) ?? []].flat()],
      });
    }

    function nodeClass(
      of: Pick<AutoPool, "nodeClass" | "diskGiB" | "reservations" | "placedWith">,
    ): void {
      classes.set(
        of.nodeClass,
        new CustomResource(
          `${name}-class-${of.nodeClass}`,
          {
            apiVersion: "eks.amazonaws.com/v1",
            kind: "NodeClass",
            metadata: { name: of.nodeClass },
            spec: {
              role: role.roleName,
              subnetSelectorTerms: subnets.map((id) => ({ id })),
              securityGroupSelectorTerms: [{ id: cluster.vpcConfig.clusterSecurityGroupId }],
              networkPolicy: "DefaultAllow",
              ephemeralStorage: { size: `${of.diskGiB}Gi`, iops: 6000, throughput: 500 },
              capacityReservationSelectorTerms:
                of.reservations.length > 0 ? of.reservations.map((id) => ({ id })) : undefined,
              placementGroupSelector: of.placedWith ? { name: together[of.placedWith] } : undefined,
              tags,
            },
          },
          {
            ...child,
            dependsOn: [policies],
            // A class waits for its last node, whose pods get their grace; with it the network keeps the nodes' way out.
            customTimeouts: { delete: "60m" },
          },
        ),
      );
    }
  }
}
