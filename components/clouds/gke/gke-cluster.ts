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
import { enabledApis, projectNumber } from "./apis";
import { bucketPodAnnotations, bucketSource } from "./bucket-volume";
import { googleCluster } from "./control-plane";
import { GkeImages } from "./images";
import { kubeconfigOf } from "./kubeconfig";
import { placedPool, plannedPools } from "./capacity-order";
import { loadBalancers } from "./load-balancer";
import { defaultClusterName } from "./names";
import { clusterNetwork, type AddressRanges } from "./network";
import { nodeIdentity } from "./node-identity";
import { nodePools } from "./node-pools";
import { clusterObjects, diskStorageClass } from "./objects";
import { bucketRole, podPrincipals } from "./pod-identity";
import { secretsKey } from "./secrets-key";
import type { ManagedCluster, ManagedClusterArgs } from "../managed";
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
    const { region, zones, version, access, deletionProtection = true, tags = {} } = args;
    const { pools = {}, ranges, clusterName = defaultClusterName(pulumi.getStack(), name) } = args;
    const project = args.project ?? new pulumi.Config("gcp").get("project") ?? "";
    refuse(this, name, [
      ...problemsOf(rulesOf("gke"), { ...args, kind: "gke", clusterName }, pools),
      ...(project === "" ? [noProject] : []),
    ]);

    const child = { parent: this };
    const place = { clusterName, project, region };
    const planned = plannedPools(pools, zones);

    const apis = enabledApis(name, project, child);
    const usable = { ...child, dependsOn: apis };
    const number = projectNumber(project, apis, child);
    const network = clusterNetwork(name, { ...place, ranges }, usable);
    const nodes = nodeIdentity(name, place, usable);
    const keyArgs = { project, region, labels: tags, number, protect: deletionProtection };
    const secrets = secretsKey(name, keyArgs, usable);
    const defaults = { serviceAccount: nodes.account.email, resourceLabels: tags };
    this.cluster = googleCluster(
      name,
      {
        ...{ ...args, ...place, deletionProtection, defaults, secretsKey: secrets.key.id },
        ...{ network: network.network.id, subnetwork: network.subnetwork.id },
      },
      { ...child, dependsOn: [secrets.use] },
    );
    // What a resource depends on outlives it. The way down is: Kubernetes objects, with their load balancers and disks; what they
    // name, compute classes and the StorageClass; GPU pools; the system pool; then the cluster, and NAT and the nodes' roles; last
    // the key and the network.
    const needed = [network.nat, ...nodes.roles];
    const nodesOfAllKinds = nodePools(
      name,
      {
        ...{ cluster: this.cluster, project, region, zones, defaults, needed, pools: planned },
        pinned: version !== undefined,
      },
      child,
    );

    this.kubeconfig = kubeconfigOf(this.cluster, access !== undefined);
    this.identity = this.cluster.id;
    const reached = { kubeconfig: this.kubeconfig, identity: this.identity, ownsAll: true };
    const provider = objectsProvider(`${name}-objects`, reached, {
      ...child,
      dependsOn: [this.cluster, ...needed, ...nodesOfAllKinds],
    });
    const objects = clusterObjects(name, planned, tags, { ...child, provider });
    this.provider = objectsProvider(name, reached, { ...child, dependsOn: objects });

    this.name = name;
    const registry = { registryName: clusterName, project, region, labels: tags };
    this.makeImages = () => new GkeImages(name, registry, child, apis);
    this.podPrincipals = podPrincipals(project, number);
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

const noProject: Problem = {
  path: ["project"],
  problem: "missing: the Google Cloud project that everything is made in",
  found: "nothing",
  allowed: "the id of a Google Cloud project",
  fix: "run pulumi config set gcp:project <id>, or give project",
};
