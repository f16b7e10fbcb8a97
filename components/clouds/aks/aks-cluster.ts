// First: it throws in words where the SDK is missing.
import "./sdk";
import type { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { problemsOf } from "../rules/rule";
import { rulesOf } from "../rules/rules";
import { kubeconfigOf } from "./access";
import { makeAddOns } from "./add-ons";
import { ServiceAccountIdentities } from "./bucket-access";
import { bucketProblems } from "./bucket-name";
import { clusterWithNodes } from "./cluster-with-nodes";
import { diskSku, diskStorageClass, inZones } from "./disks";
import { imageRepositories } from "./images";
import { balancer } from "./load-balancer";
import { defaultClusterName } from "./names";
import { ownZones } from "./own-nodes";
import { placedPool } from "./pools";
import { folderProblems } from "../bucket-volume";
import { systemPoolOf } from "../system-pool";
import {
  type BucketAccess,
  type BucketGrant,
  type BucketMount,
  type BucketVolume,
  type Cluster,
  type LoadBalancer,
  type LoadBalancerScope,
} from "../../cluster/cluster";
import type { ManagedCluster, ManagedClusterArgs } from "../managed";
import type { AksPool } from "./schema";
import { objectsProvider } from "../../cluster/objects-provider";
import { refuse } from "../../refuse";

/** Arguments for {@link AksCluster}. */
export interface AksClusterArgs extends ManagedClusterArgs {
  /** Name in Azure of the cluster, its resource group and what belongs to it: a-z, 0-9 and -, at most 40. @default `<project>-<stack>-<name>` */
  clusterName?: string;
  /** Object ids of the Entra groups that may do everything in the cluster besides the identity that makes it. @default none */
  adminGroups?: string[];
  /** Machine of the nodes for AKS's own pods, which is fixed when the cluster is made. @default that of `system` */
  firstMachine?: string;
  /**
   * Whether nodes without GPUs stay without zones where none are named, as those of a cluster that was made when its region had none
   * (docs/facts.md 4.22). @default false
   */
  withoutZones?: boolean;
  /** Pools, with GPUs or without, by name. @default {} */
  pools?: Record<string, AksPool>;
}

/** A cluster on Azure Kubernetes Service in a resource group and network of its own; pools whose capacity types are tried in order. */
export class AksCluster extends pulumi.ComponentResource implements ManagedCluster {
  readonly provider: Provider;
  readonly kubeconfig: pulumi.Output<string>;
  readonly identity: pulumi.Output<string>;
  readonly pools: Cluster["pools"];
  readonly enforcesNetworkPolicy = true;
  readonly namespaceLabels = {};
  readonly diskStorageClass = diskStorageClass;
  readonly lacksGpuMetrics = true;
  readonly imageRepository: Cluster["imageRepository"];
  private readonly identities: ServiceAccountIdentities;
  private readonly tags: Readonly<Record<string, string>>;
  private readonly azureName: string;

  constructor(name: string, args: AksClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("gpu-serving:index:AksCluster", name, {}, opts);
    const settings = settingsOf(name, args);
    const { region, tags, clusterName, plainZones, pools } = settings;
    const given = { ...args, kind: "aks", clusterName } as const;
    refuse(this, name, problemsOf(rulesOf("aks"), given, args.pools ?? {}));

    const child = { parent: this };
    const { place, cluster, ready } = clusterWithNodes(name, settings, child);
    // What a resource depends on outlives it. The way down is: Kubernetes objects, with their load balancers and disks; the add-ons;
    // the nodes and the right to come in; the cluster; then its identity's rights, the subnet and the NAT gateway.
    this.kubeconfig = kubeconfigOf(place, cluster);
    this.identity = cluster.id;
    const access = { kubeconfig: this.kubeconfig, identity: this.identity, ownsAll: true };
    const provider = objectsProvider(`${name}-add-ons`, access, { ...child, dependsOn: ready });
    const sku = diskSku({ region, plainZones, pools });
    const addOns = makeAddOns(name, { pools, tags, sku }, { ...child, provider });
    this.provider = objectsProvider(name, access, { ...child, dependsOn: addOns });

    this.pools = Object.fromEntries(
      Object.entries(pools).map(([its, pool]) => [its, placedPool(its, pool)]),
    );
    // Who signs the tokens of the cluster's service accounts.
    const issuer = cluster.oidcIssuerProfile.apply((profile) => profile?.issuerURL ?? "");
    this.identities = new ServiceAccountIdentities(name, place, issuer);
    this.tags = tags;
    this.azureName = clusterName;
    this.imageRepository = imageRepositories(name, place, cluster);
    this.registerOutputs({});
  }

  loadBalancer(scope: LoadBalancerScope): LoadBalancer {
    return balancer(scope, this.tags);
  }

  bucketAccess(name: string, access: BucketAccess): BucketGrant {
    this.checkBucket(name, access);
    return this.identities.bucketAccess(name, access);
  }

  bucketVolume(name: string, mount: BucketMount): BucketVolume {
    this.checkBucket(name, mount);
    refuse(this, name, folderProblems(mount));
    return this.identities.bucketVolume(name, mount);
  }

  private checkBucket(name: string, { bucket }: BucketAccess): void {
    if (typeof bucket === "string") refuse(this, name, bucketProblems(bucket, this.azureName));
  }
}

/** The arguments, with what holds where they say nothing. */
function settingsOf(name: string, args: AksClusterArgs) {
  const { region, zones, pools = {} } = args;
  const system = systemPoolOf("aks", args.system);
  return {
    ...args,
    clusterName:
      args.clusterName ?? defaultClusterName(pulumi.getProject(), pulumi.getStack(), name),
    deletionProtection: args.deletionProtection ?? true,
    tags: args.tags ?? {},
    system,
    firstMachine: args.firstMachine ?? system.machine.name,
    plainZones: ownZones(region, zones, args.withoutZones),
    pools: inZones(pools, zones),
  };
}
