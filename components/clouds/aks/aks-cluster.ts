import type { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { problemsOf } from "../rules/rule";
import { rulesOf } from "../rules/rules";
import { issuerOf, kubeconfigOf } from "./access";
import { makeAddOns } from "./add-ons";
import { ServiceAccountIdentities } from "./bucket-access";
import { bucketProblems } from "./bucket-name";
import { clusterWithNodes } from "./cluster-with-nodes";
import { diskSku, diskStorageClass } from "./disks";
import { AksImages } from "./images";
import { loadBalancer } from "./load-balancer";
import { defaultClusterName } from "./names";
import { plainNodes as usualPlainNodes } from "./own-nodes";
import { ownZones } from "./own-zones";
import { placedPool } from "./pools";
import { folderProblems } from "../bucket-volume";
import type {
  BucketAccess,
  BucketGrant,
  BucketMount,
  BucketVolume,
  ImageRepository,
  LoadBalancer,
  LoadBalancerScope,
  PlacedPool,
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
  /** Nodes for pods without GPUs, of 4 vCPU and 16 GiB each. @default min 1, max 10 */
  plainNodes?: { min: number; max: number };
  /**
   * Whether nodes without GPUs stay without zones where none are named, as those of a cluster that was made when its region had none
   * (docs/facts.md 4.22). @default false
   */
  withoutZones?: boolean;
  /** GPU pools, by name. @default {} */
  pools?: Record<string, AksPool>;
}

/** A cluster on Azure Kubernetes Service in a resource group and network of its own; GPU pools whose capacity types are tried in order. */
export class AksCluster extends pulumi.ComponentResource implements ManagedCluster {
  readonly provider: Provider;
  readonly kubeconfig: pulumi.Output<string>;
  readonly identity: pulumi.Output<string>;
  readonly pools: Readonly<Record<string, PlacedPool>>;
  readonly enforcesNetworkPolicy = true;
  readonly namespaceLabels = {};
  readonly diskStorageClass = diskStorageClass;
  private readonly identities: ServiceAccountIdentities;
  private readonly tags: Readonly<Record<string, string>>;
  private readonly azureName: string;
  private readonly makeImages: () => AksImages;
  private images?: AksImages;

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
    this.identities = new ServiceAccountIdentities(name, place, issuerOf(cluster));
    this.tags = tags;
    this.azureName = clusterName;
    this.makeImages = () => new AksImages(name, place, cluster);
    this.registerOutputs({});
  }

  loadBalancer(scope: LoadBalancerScope): LoadBalancer {
    return loadBalancer(scope, this.tags);
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

  imageRepository(name: string): ImageRepository {
    this.images ??= this.makeImages();
    return this.images.repository(name);
  }

  private checkBucket(name: string, { bucket }: BucketAccess): void {
    if (typeof bucket === "string") refuse(this, name, bucketProblems(bucket, this.azureName));
  }
}

/** The arguments, with what holds where they say nothing. */
function settingsOf(name: string, args: AksClusterArgs) {
  const { region, zones, pools = {} } = args;
  return {
    ...args,
    clusterName:
      args.clusterName ?? defaultClusterName(pulumi.getProject(), pulumi.getStack(), name),
    deletionProtection: args.deletionProtection ?? true,
    tags: args.tags ?? {},
    plainNodes: args.plainNodes ?? usualPlainNodes,
    plainZones: ownZones(region, zones, args.withoutZones),
    pools: Object.fromEntries(
      Object.entries(pools).map(([its, pool]) => [its, { ...pool, zones: pool.zones ?? zones }]),
    ),
  };
}
