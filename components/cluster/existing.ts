import type { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { refuse } from "../refuse";
import type {
  BucketGrant,
  BucketVolume,
  Cluster,
  ImageRepository,
  LoadBalancer,
  LoadBalancerScope,
} from "./cluster";
import { describedPool, type DescribedPool } from "./described-pool";
import { NvidiaDevicePlugin } from "./device-plugin";
import { existingPoolProblems, pluginNodes } from "./existing-pools";
import { identityIn } from "./kubeconfig";
import { objectsProvider } from "./objects-provider";

export type { DescribedPool };

/** Arguments for {@link ExistingCluster}. */
export interface ExistingClusterArgs {
  /** Text of a kubeconfig whose current context is the cluster. */
  kubeconfig: pulumi.Input<string>;
  /**
   * What the cluster is known by for as long as it is the same one; all its objects are replaced when it changes.
   * @default the cluster's name in the kubeconfig
   */
  identity?: pulumi.Input<string>;
  /** What tells it from another cluster of that name: the uid of its namespace `kube-system`, kept in the state. @default not known */
  uid?: string;
  /** Pools of the cluster, by name. @default {} */
  pools?: Record<string, DescribedPool>;
  /** Whether NVIDIA's device plugin is put on the nodes of pools that offer `nvidia.com/gpu`, which have their driver. @default false */
  devicePlugin?: boolean;
  /** How the cluster makes load balancers. @default a plain Service for public; internal is refused */
  loadBalancer?: Partial<Record<LoadBalancerScope, LoadBalancer>>;
  /** What the stack that makes the cluster tells of it, in place of `pools` and `loadBalancer`. @default the cluster is of no stack */
  told?: SharedCluster;
  /**
   * Registry that images of ours are pushed to and nodes may pull from, such as `registry.example/team`; `local`: images are put on
   * the nodes by whoever starts the cluster. @default images cannot be built for this cluster
   */
  registry?: string;
}

/** What a stack tells other stacks of its cluster; plain values, because they decide what those stacks make. */
export interface SharedCluster
  extends
    Pick<Cluster, "pools" | "namespaceLabels">,
    Partial<Pick<Cluster, "enforcesNetworkPolicy" | "diskStorageClass">> {
  /** How the cluster makes load balancers; without a scope that it does not know. */
  loadBalancers: Partial<Record<LoadBalancerScope, LoadBalancer>>;
}

/** A cluster that somebody else made and keeps; nothing of it is changed or removed but what we put there. */
export class ExistingCluster extends pulumi.ComponentResource implements Cluster {
  readonly provider: Provider;
  readonly kubeconfig: pulumi.Output<string>;
  readonly identity: pulumi.Output<string>;
  readonly pools: Cluster["pools"];
  readonly enforcesNetworkPolicy: Cluster["enforcesNetworkPolicy"];
  readonly namespaceLabels: Cluster["namespaceLabels"];
  readonly diskStorageClass: Cluster["diskStorageClass"];
  readonly outlivesStack = true;
  private readonly name: string;
  private readonly args: ExistingClusterArgs;
  private readonly loadBalancers: SharedCluster["loadBalancers"];
  private own?: Cluster;

  constructor(name: string, args: ExistingClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    // The cluster of another stack was a component of its own once, and its objects are known by that.
    super(`gpu-serving:index:${args.told ? "ClusterOfStack" : "ExistingCluster"}`, name, {}, opts);
    const { pools = {}, devicePlugin = false, told = described(args) } = args;
    refuse(this, name, existingPoolProblems(pools, devicePlugin));

    this.name = name;
    this.args = args;
    this.pools = told.pools;
    this.enforcesNetworkPolicy = told.enforcesNetworkPolicy;
    this.namespaceLabels = told.namespaceLabels;
    this.diskStorageClass = told.diskStorageClass;
    this.loadBalancers = told.loadBalancers;
    this.kubeconfig = pulumi.secret(args.kubeconfig);
    // A cluster's name in a kubeconfig is no secret.
    const itsName = pulumi.unsecret(this.kubeconfig.apply(identityIn));
    this.identity = args.identity === undefined ? itsName : pulumi.output(args.identity);
    this.provider = objectsProvider(name, this, { parent: this });
    if (devicePlugin) {
      const { provider } = this;
      new NvidiaDevicePlugin(`${name}-device-plugin`, pluginNodes(pools), {
        ...{ parent: this, provider },
      });
    }
    this.registerOutputs({ uid: args.uid });
  }

  inOwnNamespaces(): Cluster {
    const { kubeconfig, identity } = this;
    this.own ??= seenFromOwnNamespaces(
      this,
      objectsProvider(
        `${this.name}-own-namespaces`,
        { kubeconfig, identity, ownsAll: true },
        { parent: this },
      ),
    );
    return this.own;
  }

  loadBalancer(scope: LoadBalancerScope): LoadBalancer {
    const loadBalancer = this.loadBalancers[scope];
    if (loadBalancer) return loadBalancer;
    throw this.refusal(
      `cluster.loadBalancer.${scope} must say${this.args.told ? " in its own stack" : ""} how this cluster makes ${scope} load balancers (class or annotations), got nothing`,
    );
  }

  bucketAccess(): BucketGrant {
    throw this.refusal(noBuckets);
  }

  bucketVolume(): BucketVolume {
    throw this.refusal(noBuckets);
  }

  imageRepository(name: string): ImageRepository {
    const { registry } = this.args;
    if (registry === undefined) {
      throw this.refusal(
        `${name}: cluster.registry must say where images for this cluster are pushed, such as registry.example/team, got nothing`,
      );
    }
    // With `local`, images are put on the nodes by whoever starts the cluster.
    return registry === "local"
      ? { repository: pulumi.output(localRepository(name)), onNodes: true, dependsOn: [] }
      : { repository: pulumi.output(`${registry}/${name}`), dependsOn: [] };
  }

  private refusal(text: string): pulumi.ResourceError {
    return new pulumi.ResourceError(text, this, true);
  }
}

/** A cluster of somebody else's, seen from the namespaces that the stack makes in it: all objects there are the stack's. */
function seenFromOwnNamespaces(cluster: Cluster, provider: Provider): Cluster {
  const { kubeconfig, identity, pools, outlivesStack } = cluster;
  const { enforcesNetworkPolicy, namespaceLabels, diskStorageClass } = cluster;
  return {
    ...{ provider, kubeconfig, identity, pools, outlivesStack },
    ...{ enforcesNetworkPolicy, namespaceLabels, diskStorageClass },
    loadBalancer: (scope) => cluster.loadBalancer(scope),
    bucketAccess: (name, access) => cluster.bucketAccess(name, access),
    bucketVolume: (name, mount) => cluster.bucketVolume(name, mount),
    imageRepository: (name) => cluster.imageRepository(name),
  };
}

const noBuckets =
  "bucket: a cluster that exists already gives no access to buckets, because its cloud's permissions are its owner's; keep the data on a claim or a disk, or let the image bring its own credentials";

/** Name of an image that is built on the machine of a local cluster and put on its nodes. */
export function localRepository(name: string): string {
  return `gpu-serving.local/${name}`;
}

/** What is told of a cluster by its description. */
function described({ pools = {}, loadBalancer = {} }: ExistingClusterArgs): SharedCluster {
  return {
    pools: Object.fromEntries(
      Object.entries(pools).map(([name, pool]) => [name, describedPool(name, pool)]),
    ),
    loadBalancers: { ...loadBalancer, public: loadBalancer.public ?? {} },
    namespaceLabels: {},
  };
}
