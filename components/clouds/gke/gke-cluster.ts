import type { Cluster as GoogleCluster } from "@pulumi/gcp/container/cluster";
import type { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { problemsOf } from "../rules/rule";
import { rulesOf } from "../rules/rules";
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
import { bucketPodAnnotations, bucketSource } from "./bucket-volume";
import { foundation } from "./foundation";
import { GkeImages } from "./images";
import { kubeconfigOf } from "./kubeconfig";
import { placedPool, plannedPools } from "./capacity-order";
import { loadBalancers } from "./load-balancer";
import { defaultClusterName } from "./names";
import type { AddressRanges } from "./network";
import { nodePools } from "./node-pools";
import { clusterObjects, diskStorageClass } from "./objects";
import { bucketRole, podPrincipals } from "./pod-identity";
import type { ManagedCluster, ManagedClusterArgs } from "../managed";
import type { GkePool } from "./schema";
import { objectsProvider } from "../../cluster/objects-provider";
import type { Problem } from "../../problem";
import { refuse } from "../../refuse";

/** Arguments for {@link GkeCluster}. */
export interface GkeClusterArgs extends ManagedClusterArgs {
  /** Id of the Google Cloud project. @default the config value `gcp:project` */
  project?: string;
  /** Name on Google Cloud of the cluster, its network and what belongs to it: a-z, 0-9 and -, at most 40. @default `<stack>-<name>` */
  clusterName?: string;
  /** Address ranges of the cluster's network. @default 10.0.0.0/20 nodes, 10.4.0.0/14 pods, 10.1.0.0/20 Services */
  ranges?: AddressRanges;
  /** Domain whose Google group `gke-security-groups@DOMAIN` holds the groups that RBAC may name. @default RBAC knows no groups */
  groupsDomain?: string;
  /** GPU pools, by name. @default {} */
  pools?: Record<string, GkePool>;
}

/** A GKE Standard cluster with a network of its own, a system pool, and GPU pools whose capacity types are tried in order. */
export class GkeCluster extends pulumi.ComponentResource implements ManagedCluster {
  readonly provider: Provider;
  readonly kubeconfig: pulumi.Output<string>;
  readonly identity: pulumi.Output<string>;
  readonly pools: Readonly<Record<string, PlacedPool>>;
  readonly enforcesNetworkPolicy = true;
  readonly namespaceLabels = {};
  readonly diskStorageClass = diskStorageClass;
  private readonly name: string;
  private readonly cluster: GoogleCluster;
  private readonly podPrincipals: pulumi.Output<string>;
  private readonly makeImages: () => GkeImages;
  private images?: GkeImages;

  constructor(name: string, args: GkeClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("gpu-serving:index:GkeCluster", name, {}, opts);
    const settings = settingsOf(name, args);
    const { clusterName, project, region, zones, version, labels, pools } = settings;
    refuse(this, name, [
      ...problemsOf(rulesOf("gke"), { ...settings, kind: "gke" }, pools),
      ...(project === "" ? [noProject] : []),
    ]);

    const child = { parent: this };
    const planned = plannedPools(pools, zones);
    const base = foundation(name, settings, child);
    const { cluster, defaults, needed, apis } = base;
    // What a resource depends on outlives it. The way down is: Kubernetes objects, with their load balancers and disks; what they
    // name, compute classes and the StorageClass; GPU pools; the system pool; then the cluster, and NAT and the nodes' roles; last
    // the key and the network.
    const pinned = version !== undefined;
    const nodes = nodePools(
      name,
      { cluster, project, region, zones, defaults, needed, pinned, pools: planned },
      child,
    );
    this.kubeconfig = kubeconfigOf(cluster, args.access !== undefined);
    this.identity = cluster.id;
    const reached = { kubeconfig: this.kubeconfig, identity: this.identity, ownsAll: true };
    const provider = objectsProvider(`${name}-objects`, reached, {
      ...child,
      dependsOn: [cluster, ...needed, ...nodes],
    });
    const objects = clusterObjects(name, planned, labels, { ...child, provider });
    this.provider = objectsProvider(name, reached, { ...child, dependsOn: objects });

    this.name = name;
    this.cluster = cluster;
    const registry = { registryName: clusterName, project, region, labels };
    this.makeImages = () => new GkeImages(name, registry, child, apis);
    this.podPrincipals = podPrincipals(project, base.number);
    this.pools = Object.fromEntries(planned.map((its) => [its.name, placedPool(its)]));
    this.registerOutputs({});
  }

  loadBalancer(scope: LoadBalancerScope): LoadBalancer {
    return loadBalancers[scope];
  }

  bucketAccess(name: string, access: BucketAccess): BucketGrant {
    const role = bucketRole(`${this.name}-${name}`, this.podPrincipals, access, {
      parent: this,
      // A project's pods have no names before its first cluster is there.
      dependsOn: [this.cluster],
    });
    return { serviceAccountAnnotations: {}, podLabels: {}, podAnnotations: {}, dependsOn: [role] };
  }

  bucketVolume(name: string, mount: BucketMount): BucketVolume {
    refuse(this, name, folderProblems(mount));
    const grant = this.bucketAccess(name, mount);
    return { ...grant, podAnnotations: bucketPodAnnotations, source: bucketSource(mount) };
  }

  imageRepository(name: string): ImageRepository {
    this.images ??= this.makeImages();
    return this.images.repository(name);
  }
}

/** The arguments, with what holds where they say nothing. */
function settingsOf(name: string, args: GkeClusterArgs) {
  return {
    ...args,
    project: args.project ?? new pulumi.Config("gcp").get("project") ?? "",
    clusterName: args.clusterName ?? defaultClusterName(pulumi.getStack(), name),
    deletionProtection: args.deletionProtection ?? true,
    labels: args.tags ?? {},
    pools: args.pools ?? {},
  };
}

const noProject: Problem = {
  path: ["project"],
  problem: "missing: the Google Cloud project that everything is made in",
  found: "nothing",
  allowed: "the id of a Google Cloud project",
  fix: "run pulumi config set gcp:project <id>, or give project",
};
