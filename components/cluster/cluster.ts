import type { Provider } from "@pulumi/kubernetes/provider";
import type { core } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import type { NodeRoom } from "../../catalog/cpu-nodes";

export type { NodeRoom };

/** Everything the rest of the program knows of a cluster, whichever cloud it runs on. */
export interface Cluster {
  /** Kubernetes provider that every object on this cluster is created with. */
  readonly provider: Provider;
  /** Kubeconfig of the cluster, a secret; it holds no long-lived token. */
  readonly kubeconfig: pulumi.Output<string>;
  /** What the cluster is known by for as long as it is the same one; no secret. */
  readonly identity: pulumi.Output<string>;
  /** Pools of the cluster, by name. */
  readonly pools: Readonly<Record<string, PlacedPool>>;
  /** Whether the cluster enforces NetworkPolicy objects; undefined where nobody can tell. */
  readonly enforcesNetworkPolicy: boolean | undefined;
  /** Labels that every namespace of ours needs on this cluster. */
  readonly namespaceLabels: Readonly<Record<string, string>>;
  /** StorageClass of disks that one node at a time writes; undefined: the cluster's default. */
  readonly diskStorageClass: string | undefined;
  /** Whether its GPU nodes have a driver for every container, and nobody tells the use of their GPUs. @default false */
  readonly lacksGpuMetrics?: boolean;
  /** Whether it stays when the stack is destroyed, because somebody else made it. @default false */
  readonly outlivesStack?: boolean;
  /**
   * The cluster as seen from namespaces that the stack makes, for objects in them; undefined: the same, because all of the cluster is
   * the stack's.
   */
  inOwnNamespaces?(): Cluster;
  /** How a LoadBalancer Service of the given scope is made on this cluster. */
  loadBalancer(scope: LoadBalancerScope): LoadBalancer;
  /** Lets programs of one service account read, or also write, exactly one bucket with the cloud's own clients; made once per `name`. */
  bucketAccess(name: string, access: BucketAccess): BucketGrant;
  /** Mounts one bucket, or a folder of it, into the pods of one service account, with the access that it takes; made once per `name`. */
  bucketVolume(name: string, mount: BucketMount): BucketVolume;
  /** Repository of an image that we build; the registry is made when the first is asked for. */
  imageRepository(name: string): ImageRepository;
}

/** Where images of ours go, so that the cluster's nodes can pull them. */
export interface ImageRepository {
  /** Name of the image without tag or digest. */
  repository: pulumi.Output<string>;
  /** How the builder logs in to the registry; undefined: the way the machine that builds is logged in already. */
  login?: RegistryLogin;
  /** Whether whoever starts the cluster puts the images on its nodes, so that there is nothing to build or push here. @default false */
  onNodes?: boolean;
  /** Resources that must exist before a node can pull from it. */
  dependsOn: pulumi.Resource[];
}

/** Credentials that last as long as an `up`. */
export interface RegistryLogin {
  /** Host of the registry. */
  address: pulumi.Input<string>;
  username: pulumi.Input<string>;
  password: pulumi.Input<string>;
}

/** Who may use which bucket. */
export interface BucketAccess {
  /** Namespace of the service account. */
  namespace: string;
  /** Name of the service account. */
  serviceAccount: string;
  /** Name of the bucket on the cluster's cloud (AKS: `group/account/container` or the container's resource id). */
  bucket: pulumi.Input<string>;
  /** Whether it may also write. */
  write: boolean;
}

/** What a pod and its service account carry so that the access holds. */
export interface BucketGrant {
  /** Annotations of the service account. */
  serviceAccountAnnotations: Record<string, pulumi.Input<string>>;
  /** Labels of the pods. */
  podLabels: Record<string, string>;
  /** Annotations of the pods. */
  podAnnotations: Record<string, string>;
  /** Resources that must exist before a pod starts. */
  dependsOn: pulumi.Resource[];
}

/** Which bucket is mounted for whom. */
export interface BucketMount extends BucketAccess {
  /** Folder of the bucket that is mounted, such as `models/digits`, without a slash at either end. @default the whole bucket */
  folder?: string;
}

/** A bucket as a volume of pods; whoever mounts it has the access to it, too. */
export interface BucketVolume extends BucketGrant {
  /** The pods' volume, which lacks only its name; read-only unless the mount writes. */
  source: Pick<core.v1.Volume, "csi" | "persistentVolumeClaim">;
  /** What `source` claims, to be made before the pods. @default nothing: the volume is the pod's own */
  claim?: BucketClaim;
}

/** A volume of the cluster that stands for a bucket, and the one claim on it. */
export interface BucketClaim {
  /** Name of the volume: the claim's namespace and name. */
  volumeName: pulumi.Output<string>;
  /** Spec of the volume. */
  volume: core.v1.PersistentVolumeSpec;
  /** Name of the claim: that of the mount, and a hash of the spec, which Kubernetes lets nobody change. */
  name: pulumi.Output<string>;
  /** Namespace of the claim: the pods'. */
  namespace: string;
  /** Spec of the claim. */
  spec: core.v1.PersistentVolumeClaimSpec;
}

/** Who may reach a load balancer: the networks joined to the cluster's own, or the internet. */
export type LoadBalancerScope = "internal" | "public";

/** What a Service carries so that the cluster's controller makes the right load balancer. */
export interface LoadBalancer {
  /** `spec.loadBalancerClass`. @default the cluster's default controller */
  class?: string;
  /** Annotations of the Service. @default {} */
  annotations?: Record<string, string>;
  /** Seconds until it sends requests to a new pod, which is ready only then. @default 0 */
  readyTime?: number;
  /** Seconds in which new connections may still reach a pod that was taken out. @default 0 */
  drainTime?: number;
}

/** Times of a load balancer that sends to nodes: which pods are ready is known on each node (docs/facts.md 8.17). */
export const balancedByNodes = { readyTime: 0, drainTime: 0 } as const;

/** Label that every node has with its CPU architecture. */
export const archLabel = "kubernetes.io/arch";

/** CPU architecture of nodes, as in {@link archLabel}. */
export type Architecture = "amd64" | "arm64";

/** Resource that pods ask for NVIDIA's GPUs by. */
export const nvidiaGpu = "nvidia.com/gpu";

/** A pool of nodes as a pod sees it: what to select, tolerate and count on. */
export interface PlacedPool {
  /** Name of the pool in the stack file. */
  name: string;
  /** Name of the GPU. @default the nodes have none, or of no known name */
  gpu?: string;
  /** GPUs that one node offers; where pods share GPUs, the shares of them; 0: nodes without GPUs. */
  gpusPerNode: number;
  /** The most that one pod may take: 1 where pods share GPUs, because nothing joins two shares into one; 0: nodes without GPUs. */
  gpusPerPod: number;
  /** Memory of one GPU in GiB; where pods share GPUs, of one pod's part. @default not known */
  gpuMemoryGiB?: number;
  /** Pods that take turns on one GPU; 1 on a slice. @default whole GPUs, or nobody says how many share one */
  shares?: number;
  /** Resource that pods ask for its GPUs by, such as `amd.com/gpu`. @default {@link nvidiaGpu} */
  resource?: string;
  /** RuntimeClass that pods on its nodes need. @default the nodes' own */
  runtimeClass?: string;
  /** CPU architecture of its nodes. @default not known: images are built for amd64 */
  arch?: Architecture;
  /** CPU and memory that one node leaves for pods. @default not known */
  room?: NodeRoom;
  /** Nodes the pool may grow to, all capacity types together. */
  maxNodes: number;
  /** Labels that all nodes of the pool carry. */
  nodeSelector: Record<string, string>;
  /** Tolerations for the taints that nodes of the pool carry. */
  tolerations: Toleration[];
  /** Whether nobody says that its nodes have a taint, so that pods which name no pool may land there, wanted or not. @default false */
  untainted?: boolean;
  /** Capacity types in the order they are tried. */
  capacityTypes: PlacedCapacity[];
  /** The network between its nodes, for jobs on several workers. @default nothing is known of it */
  interconnect?: Interconnect;
  /** StorageClasses of disks that its nodes take, the usual one first. @default the cluster's `diskStorageClass` */
  diskClasses?: readonly string[];
}

/** The network between the nodes of a pool. */
export interface Interconnect {
  /** Node label whose value is the same on nodes near to each other; all workers of a job run where it is. @default in one zone, where there is room */
  within?: string;
  /** Resources of the fast network that one node offers, such as `vpc.amazonaws.com/efa: 32`. @default {} */
  resources?: Record<string, number>;
}

/** Of pools on a cloud, whose nodes all carry the label of their zone: data between zones is slow and costs money. */
export const oneZone: Interconnect = { within: "topology.kubernetes.io/zone" };

/** A mark on nodes that keeps pods away which do not tolerate it. */
export interface Taint {
  key: string;
  /** @default "" */
  value?: string;
  effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

/** A taint that a pod accepts. */
export interface Toleration extends Taint {
  operator: "Exists" | "Equal";
}

/** Tolerations of taints. */
export function tolerationsOf(taints: readonly Taint[]): Toleration[] {
  return taints.map(({ key, value, effect }) =>
    value ? { key, operator: "Equal", value, effect } : { key, operator: "Exists", effect },
  );
}

/**
 * Tolerations of pods on GPU nodes, and of other taints. Clouds and the usual installers taint GPU nodes with the name of their
 * resource as key and various values (docs/facts.md 5.6); nodes with slices of NVIDIA's GPUs keep the taint of whole ones.
 */
export function gpuTolerations(
  taints: readonly Taint[] = [],
  resource: string = nvidiaGpu,
): Toleration[] {
  const keys = new Set([...(resource.startsWith("nvidia.com/") ? [nvidiaGpu] : []), resource]);
  return tolerationsOf([
    ...[...keys].map((key) => ({ key, effect: "NoSchedule" as const })),
    ...taints,
  ]);
}

/** One capacity type of a pool. */
export interface PlacedCapacity {
  capacity: "reserved" | "spot" | "on-demand" | "flex-start";
  /** Seconds between the notice that a node is reclaimed and its end; 0 where nodes are not reclaimed. */
  notice: number;
  /** Seconds a new node may take until pods run on it, after which the next capacity type is tried; 0 for nodes that always run. */
  provisionTime: number;
  /** Nodes this capacity type may grow to. */
  maxNodes: number;
}
