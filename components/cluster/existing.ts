import type { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import type {
  BucketGrant,
  BucketVolume,
  Cluster,
  ImageRepository,
  Interconnect,
  LoadBalancer,
  LoadBalancerScope,
  PlacedPool,
  Taint,
  Toleration,
} from "./cluster";
import { NvidiaDevicePlugin } from "./device-plugin";
import { identityOf, objectsProvider, seenFromOwnNamespaces } from "./objects-provider";

/** A pool of GPU nodes that exists already. */
export interface DescribedPool {
  /** Name of the GPU, as in the catalog. */
  gpu: string;
  /** Memory of one GPU in GiB. */
  gpuMemoryGiB: number;
  /** GPUs that one node offers. @default 1 */
  gpusPerNode?: number;
  /** Labels that all nodes of the pool carry. */
  select: Record<string, string>;
  /** Taints that nodes of the pool carry, besides `nvidia.com/gpu`. @default [] */
  taints?: Taint[];
  /** Nodes that always run, and nodes the pool may grow to. @default min 0 */
  nodes: { min?: number; max: number };
  /** The network between its nodes, for jobs on several workers. @default nothing is known of it */
  interconnect?: Interconnect;
}

/** Arguments for {@link ExistingCluster}. */
export interface ExistingClusterArgs {
  /** Text of a kubeconfig whose current context is the cluster. */
  kubeconfig: pulumi.Input<string>;
  /**
   * What the cluster is known by for as long as it is the same one; all its objects are replaced when it changes.
   * @default the cluster's name in the kubeconfig
   */
  identity?: string;
  /** What tells it from another cluster of that name: the uid of its namespace `kube-system`, kept in the state. @default not known */
  uid?: string;
  /** GPU pools of the cluster, by name. @default {} */
  pools?: Record<string, DescribedPool>;
  /** Whether NVIDIA's device plugin is put on the nodes of the pools, which have their driver. @default false */
  devicePlugin?: boolean;
  /** How the cluster makes load balancers. @default a plain Service for public; internal is refused */
  loadBalancer?: { public?: LoadBalancer; internal?: LoadBalancer };
  /**
   * Registry that images of ours are pushed to and nodes may pull from, such as `registry.example/team`; `local`: images are put on
   * the nodes by whoever starts the cluster. @default images cannot be built for this cluster
   */
  registry?: string;
}

/** A cluster that somebody else made and keeps; nothing of it is changed or removed but what we put there. */
export class ExistingCluster extends pulumi.ComponentResource implements Cluster {
  readonly provider: Provider;
  readonly kubeconfig: pulumi.Output<string>;
  readonly identity: pulumi.Output<string>;
  readonly pools: Readonly<Record<string, PlacedPool>>;
  readonly enforcesNetworkPolicy = undefined;
  readonly namespaceLabels = {};
  readonly diskStorageClass = undefined;
  readonly outlivesStack = true;
  private readonly makeOwn: () => Provider;
  private own?: Cluster;
  private readonly loadBalancers: { public?: LoadBalancer; internal?: LoadBalancer };
  private readonly registry: string | undefined;

  constructor(name: string, args: ExistingClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("gpu-serving:index:ExistingCluster", name, {}, opts);
    const { pools = {}, loadBalancer = {}, devicePlugin = false } = args;

    this.kubeconfig = pulumi.secret(args.kubeconfig);
    this.registry = args.registry;
    this.loadBalancers = { ...loadBalancer, public: loadBalancer.public ?? {} };
    this.pools = Object.fromEntries(
      Object.entries(pools).map(([pool, described]) => [pool, placedPool(pool, described)]),
    );
    this.identity = identityOf(args);
    const reached = { kubeconfig: this.kubeconfig, identity: this.identity };
    this.provider = objectsProvider(name, reached, { parent: this });
    this.makeOwn = () =>
      objectsProvider(`${name}-own-namespaces`, { ...reached, ownsAll: true }, { parent: this });
    if (devicePlugin) {
      const { provider } = this;
      new NvidiaDevicePlugin(`${name}-device-plugin`, nodesOf(Object.values(pools)), {
        ...{ parent: this, provider },
      });
    }
    this.registerOutputs({ uid: args.uid });
  }

  inOwnNamespaces(): Cluster {
    this.own ??= seenFromOwnNamespaces(this, this.makeOwn());
    return this.own;
  }

  loadBalancer(scope: LoadBalancerScope): LoadBalancer {
    const loadBalancer = this.loadBalancers[scope];
    if (!loadBalancer) {
      throw new pulumi.ResourceError(
        `cluster.loadBalancer.${scope} must say how this cluster makes ${scope} load balancers (class or annotations), got nothing`,
        this,
        true,
      );
    }
    return loadBalancer;
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

/** Registry whose images are on the nodes already. */
const onNodes = "local";

/** Repository of an image in the registry that a cluster's description names. */
export function describedRepository(
  cluster: pulumi.Resource,
  name: string,
  registry: string | undefined,
): ImageRepository {
  if (registry === undefined) {
    throw new pulumi.ResourceError(
      `${name}: cluster.registry must say where images for this cluster are pushed, such as registry.example/team, got nothing`,
      cluster,
      true,
    );
  }
  return registry === onNodes
    ? { repository: pulumi.output(localRepository(name)), onNodes: true, dependsOn: [] }
    : { repository: pulumi.output(`${registry}/${name}`), dependsOn: [] };
}

/** Name of an image that is built on the machine of a local cluster and put on its nodes. */
export function localRepository(name: string): string {
  return `gpu-serving.local/${name}`;
}

/** Who did not make a cluster has no say in its cloud's permissions. */
export function bucketsRefused(cluster: pulumi.Resource): pulumi.ResourceError {
  return new pulumi.ResourceError(
    "bucket: a cluster that exists already gives no access to buckets, because its cloud's permissions are its owner's; keep the data on a claim or a disk, or let the image bring its own credentials",
    cluster,
    true,
  );
}

/**
 * Seconds a cluster autoscaler may take to bring a node that pods can run on: its `max-node-provision-time`
 * is 15 minutes unless the cluster's owner changed it (kubernetes/autoscaler, cluster-autoscaler FAQ).
 */
const provisionTime = 15 * 60;

function placedPool(name: string, pool: DescribedPool): PlacedPool {
  const { gpusPerNode = 1, taints = [] } = pool;
  const { min = 0, max } = pool.nodes;
  return {
    name,
    gpu: pool.gpu,
    gpuMemoryGiB: pool.gpuMemoryGiB,
    gpusPerNode,
    gpusPerPod: gpusPerNode,
    maxNodes: max,
    nodeSelector: pool.select,
    tolerations: [
      // Clouds and the usual installers taint GPU nodes with this key and various values.
      { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" },
      ...taints.map(toleration),
    ],
    rungs: [
      {
        capacity: "on-demand",
        notice: 0,
        provisionTime: min === max ? 0 : provisionTime,
        maxNodes: max,
      },
    ],
    ...(pool.interconnect && { interconnect: pool.interconnect }),
  };
}

/** Which nodes the pools are, and all their taints once. */
function nodesOf(pools: DescribedPool[]): { nodes: Record<string, string>[]; taints: Taint[] } {
  const taints = pools.flatMap((pool) => pool.taints ?? []);
  const text = ({ key, value = "", effect }: Taint) => `${key}=${value}:${effect}`;
  return {
    nodes: pools.map(({ select }) => select),
    taints: [...new Map(taints.map((taint) => [text(taint), taint])).values()],
  };
}

function toleration({ key, value, effect }: Taint): Toleration {
  return value ? { key, operator: "Equal", value, effect } : { key, operator: "Exists", effect };
}
