import type { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import type {
  BucketGrant,
  BucketVolume,
  Cluster,
  LoadBalancer,
  LoadBalancerScope,
  PlacedPool,
  ImageRepository,
} from "./cluster";
import { bucketsRefused, describedRepository } from "./existing";
import { identityOf, objectsProvider, seenFromOwnNamespaces } from "./objects-provider";

/** What a stack tells other stacks of its cluster; plain values, because they decide what those stacks make. */
export interface SharedCluster {
  /** GPU pools of the cluster, by name. */
  pools: Record<string, PlacedPool>;
  /** How the cluster makes load balancers; without a scope that it does not know. */
  loadBalancers: Partial<Record<LoadBalancerScope, LoadBalancer>>;
  /** Whether the cluster enforces NetworkPolicy objects; undefined where nobody can tell. */
  enforcesNetworkPolicy?: boolean;
  /** Labels that every namespace of ours needs on this cluster. */
  namespaceLabels: Record<string, string>;
  /** StorageClass of disks that one node at a time writes; undefined: the cluster's default. */
  diskStorageClass?: string;
}

/** What other stacks need to know of a cluster, besides its kubeconfig and what it is known by. */
export function shared(cluster: Cluster): SharedCluster {
  const { pools, enforcesNetworkPolicy, namespaceLabels, diskStorageClass } = cluster;
  return {
    pools,
    loadBalancers: { ...made(cluster, "public"), ...made(cluster, "internal") },
    enforcesNetworkPolicy,
    namespaceLabels,
    diskStorageClass,
  };
}

function made(cluster: Cluster, scope: LoadBalancerScope) {
  try {
    return { [scope]: cluster.loadBalancer(scope) };
  } catch (error) {
    if (pulumi.ResourceError.isInstance(error)) return {};
    throw error;
  }
}

/** Arguments for {@link ClusterOfStack}. */
export interface ClusterOfStackArgs extends SharedCluster {
  /** Text of the cluster's kubeconfig. */
  kubeconfig: pulumi.Input<string>;
  /** What the cluster is known by for as long as it is the same one. @default its name in the kubeconfig */
  identity?: pulumi.Input<string>;
  /** What tells it from another cluster of that identity: the uid of its namespace `kube-system`, kept in the state. @default not known */
  uid?: string;
  /** Registry that images of this stack are pushed to and the nodes may pull from. @default images cannot be built */
  registry?: string;
}

/** The cluster of another stack, with its pools; that stack makes and keeps it. */
export class ClusterOfStack extends pulumi.ComponentResource implements Cluster {
  readonly provider: Provider;
  readonly kubeconfig: pulumi.Output<string>;
  readonly identity: pulumi.Output<string>;
  readonly pools: Readonly<Record<string, PlacedPool>>;
  readonly enforcesNetworkPolicy: boolean | undefined;
  readonly namespaceLabels: Readonly<Record<string, string>>;
  readonly diskStorageClass: string | undefined;
  readonly outlivesStack = true;
  private readonly makeOwn: () => Provider;
  private own?: Cluster;
  private readonly loadBalancers: Partial<Record<LoadBalancerScope, LoadBalancer>>;
  private readonly registry: string | undefined;

  constructor(name: string, args: ClusterOfStackArgs, opts?: pulumi.ComponentResourceOptions) {
    super("gpu-serving:index:ClusterOfStack", name, {}, opts);

    this.kubeconfig = pulumi.secret(args.kubeconfig);
    this.pools = args.pools;
    this.enforcesNetworkPolicy = args.enforcesNetworkPolicy;
    this.namespaceLabels = args.namespaceLabels;
    this.diskStorageClass = args.diskStorageClass;
    this.loadBalancers = args.loadBalancers;
    this.registry = args.registry;
    this.identity = identityOf(args);
    const reached = { kubeconfig: this.kubeconfig, identity: this.identity };
    this.provider = objectsProvider(name, reached, { parent: this });
    this.makeOwn = () =>
      objectsProvider(`${name}-own-namespaces`, { ...reached, ownsAll: true }, { parent: this });
    this.registerOutputs({ uid: args.uid });
  }

  inOwnNamespaces(): Cluster {
    this.own ??= seenFromOwnNamespaces(this, this.makeOwn());
    return this.own;
  }

  loadBalancer(scope: LoadBalancerScope): LoadBalancer {
    const loadBalancer = this.loadBalancers[scope];
    if (loadBalancer) return loadBalancer;
    throw new pulumi.ResourceError(
      `cluster.loadBalancer.${scope} must say in the stack of the cluster how ${scope} load balancers are made, got nothing`,
      this,
      true,
    );
  }

  bucketAccess(): BucketGrant {
    throw bucketsRefused(this);
  }

  bucketVolume(): BucketVolume {
    throw bucketsRefused(this);
  }

  imageRepository(name: string): ImageRepository {
    return describedRepository(this, name, this.registry);
  }
}
