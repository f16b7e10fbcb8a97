// First: it throws in words where the SDK is missing.
import "./sdk";
import { BucketIAMMember } from "@pulumi/gcp/storage/bucketIAMMember";
import type { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { problemsOf } from "../rules/rule";
import { rulesOf } from "../rules/rules";
import { folderProblems } from "../bucket-volume";
import {
  type BucketAccess,
  type BucketGrant,
  type BucketMount,
  type BucketVolume,
  type Cluster,
  type LoadBalancer,
  type LoadBalancerScope,
} from "../../cluster/cluster";
import { bucketPodAnnotations, bucketSource } from "./bucket-volume";
import { diskStorageClasses, placedPool, plannedPools } from "./capacity-order";
import { kubeconfigOf, type AddressRanges } from "./control-plane";
import { foundation } from "./foundation";
import { imageRepositories } from "./images";
import { balancer } from "./load-balancer";
import { defaultClusterName } from "./names";
import { nodePools } from "./node-pools";
import { systemPoolOf } from "../system-pool";
import { clusterObjects } from "./objects";
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
  /** Pools, with GPUs or without, by name. @default {} */
  pools?: Record<string, GkePool>;
}

/** A GKE Standard cluster with a network of its own, a system pool, and pools whose capacity types are tried in order. */
export class GkeCluster extends pulumi.ComponentResource implements ManagedCluster {
  readonly provider: Provider;
  readonly kubeconfig: pulumi.Output<string>;
  readonly identity: pulumi.Output<string>;
  readonly pools: Cluster["pools"];
  readonly enforcesNetworkPolicy = true;
  readonly namespaceLabels = {};
  readonly diskStorageClass = diskStorageClasses["pd-balanced"];
  readonly imageRepository: Cluster["imageRepository"];
  private readonly name: string;
  private readonly cluster: pulumi.Resource;
  private readonly podPrincipals: pulumi.Output<string>;

  constructor(name: string, args: GkeClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("gpu-serving:index:GkeCluster", name, {}, opts);
    const settings = settingsOf(name, args);
    const { project, labels, pools } = settings;
    refuse(this, name, [
      ...problemsOf(rulesOf("gke"), { ...settings, kind: "gke" }, pools),
      ...(project === "" ? [noProject] : []),
    ]);

    const child = { parent: this };
    const planned = plannedPools(pools, args.zones);
    const base = foundation(name, settings, child);
    const { cluster, needed, apis, number } = base;
    // What a resource depends on outlives it. The way down is: Kubernetes objects, with their load balancers and disks; what they
    // name, compute classes and the StorageClass; the other pools; the system pool; then the cluster, and NAT and the nodes' roles; last
    // the key and the network.
    const nodes = nodePools(name, base, settings, planned, child);
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
    this.imageRepository = imageRepositories(name, settings, apis, child);
    this.podPrincipals = pulumi.interpolate`principal://iam.googleapis.com/projects/${number}/locations/global/workloadIdentityPools/${project}.svc.id.goog/subject`;
    this.pools = Object.fromEntries(planned.map((its) => [its.name, placedPool(its)]));
    this.registerOutputs({});
  }

  loadBalancer(scope: LoadBalancerScope): LoadBalancer {
    return balancer(scope);
  }

  bucketAccess(name: string, access: BucketAccess): BucketGrant {
    const objects = this.bucketRole(name, access, objectRole(access));
    // Google's clients ask for the bucket itself before they list it (docs/facts.md 23.4).
    const itself = this.bucketRole(`${name}-itself`, access, "roles/storage.legacyBucketReader");
    return { ...noMarks, dependsOn: [objects, itself] };
  }

  bucketVolume(name: string, mount: BucketMount): BucketVolume {
    refuse(this, name, folderProblems(mount));
    const role = this.bucketRole(name, mount, objectRole(mount));
    const source = bucketSource(mount);
    return { ...noMarks, podAnnotations: bucketPodAnnotations, dependsOn: [role], source };
  }

  /**
   * Gives a role to a Kubernetes service account itself, with no Google account and no key in between. Google Cloud knows it
   * by project, namespace and name: the same pair in another cluster of the project has the same access.
   */
  private bucketRole(name: string, access: BucketAccess, role: string): BucketIAMMember {
    const { bucket, namespace, serviceAccount } = access;
    const member = pulumi.interpolate`${this.podPrincipals}/ns/${namespace}/sa/${serviceAccount}`;
    return new BucketIAMMember(
      `${this.name}-${name}`,
      { bucket, role, member },
      // A project's pods have no names before its first cluster is there.
      { parent: this, dependsOn: [this.cluster] },
    );
  }
}

/** What an account may do with the objects of a bucket. */
function objectRole({ write }: BucketAccess): string {
  return write ? "roles/storage.objectUser" : "roles/storage.objectViewer";
}

/** Google Cloud knows pods by their account alone. */
const noMarks = { serviceAccountAnnotations: {}, podLabels: {}, podAnnotations: {} };

/** The arguments, with what holds where they say nothing. */
function settingsOf(name: string, args: GkeClusterArgs) {
  return {
    ...args,
    project: args.project ?? new pulumi.Config("gcp").get("project") ?? "",
    clusterName: args.clusterName ?? defaultClusterName(pulumi.getStack(), name),
    deletionProtection: args.deletionProtection ?? true,
    labels: args.tags ?? {},
    system: systemPoolOf("gke", args.system),
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
