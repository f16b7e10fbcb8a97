import type { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { problemsOf } from "../rules/rule";
import { rulesOf } from "../rules/rules";
import { defaultZones } from "./excluded-zones";
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
import { AutoModeNodes } from "./auto-mode";
import { EksBuckets } from "./buckets";
import { EksControlPlane } from "./control-plane";
import {
  credentialProblems,
  providerCredentials,
  tokenCredentials,
  type TokenCredentials,
} from "./credentials";
import { ecrRepository } from "./images";
import { kubeconfigOf } from "./kubeconfig";
import { placedPool } from "./capacity-order";
import { balancer, readinessGates } from "./load-balancer";
import { asMade, type EksMode } from "./mode";
import { EksNetwork } from "./network";
import { NodeGroups } from "./node-groups";
import { systemMachine, systemNodes } from "./own-nodes";
import { diskClass } from "./storage-class";
import { subnetZones } from "./zones";
import type { ManagedCluster, ManagedClusterArgs } from "../managed";
import type { EksPool } from "./schema";
import { objectsProvider } from "../../cluster/objects-provider";
import type { Problem } from "../../problem";
import { refuse } from "../../refuse";

/** Arguments for {@link EksCluster}. */
export interface EksClusterArgs extends Omit<ManagedClusterArgs, "channel"> {
  /**
   * Source ranges, IPv4, that may reach the control plane; empty: only from inside the network. EKS has no endpoint that IAM
   * protects before the first packet, so there is no default.
   */
  access: string[];
  /** Who makes the nodes: EKS Auto Mode, or node groups with add-ons of ours; a living cluster keeps its mode. @default "auto" */
  mode?: EksMode;
  /** Name of the cluster in the account, at most 60 letters, digits and -. @default `<stack>-<name>` */
  clusterName?: string;
  /** Addresses of the cluster's network, a range of /16. @default "10.0.0.0/16" */
  cidr?: string;
  /** One NAT gateway for all zones, or one in each: dearer, and images are still pulled when another zone fails. @default "one" */
  nat?: "one" | "zone";
  /** ARNs of IAM roles that administrate the cluster, besides whoever creates it. @default [] */
  admins?: string[];
  /** ARNs of IAM roles that may read everything in the cluster, such as the one that previews. @default [] */
  viewers?: string[];
  /** Profile and role by which the cluster gives tokens, those of the provider of AWS. @default the config values `aws:profile`, `aws:assumeRoles` */
  credentials?: TokenCredentials;
  /** Nodes without GPU: machine, nodes that always run, spread over the zones, and nodes they may grow to. @default m7i.large, 2 to 10 */
  system?: { machine?: string; nodes?: { min: number; max: number } };
  /** GPU pools, by name. @default {} */
  pools?: Record<string, EksPool>;
}

/** An EKS cluster with a network of its own, nodes without GPU, and GPU pools whose capacity types are tried in order. */
export class EksCluster extends pulumi.ComponentResource implements ManagedCluster {
  readonly provider: Provider;
  readonly kubeconfig: pulumi.Output<string>;
  readonly identity: pulumi.Output<string>;
  readonly pools: Readonly<Record<string, PlacedPool>>;
  readonly enforcesNetworkPolicy = true;
  readonly namespaceLabels: Readonly<Record<string, string>>;
  readonly diskStorageClass = diskClass;
  private readonly name: string;
  private readonly mode: EksMode;
  private readonly place: { clusterName: string; region: string; tags: Record<string, string> };
  private readonly buckets: EksBuckets;

  constructor(name: string, args: EksClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("gpu-serving:index:EksCluster", name, {}, opts);
    const settings = settingsOf(name, args);
    refuse(this, name, settingsProblems(args, settings));
    const { clusterName, region, tags, mode, zones, pools, cidr, nat } = settings;

    const child = { parent: this };
    const place = { clusterName, region, tags };
    const network = new EksNetwork(
      `${name}-network`,
      { region, zones: subnetZones(zones, pools), cidr, nat, tags },
      child,
    );
    // Nothing in either of them is registered before it is known that the cluster keeps its mode.
    const known = [...settings.admins, ...settings.viewers];
    const inMode = { ...child, dependsOn: asMade(`${name}-mode`, { mode, known }, child) };
    const control = new EksControlPlane(name, { ...settings, network }, inMode);
    const { cluster } = control;
    const { credentials } = settings;
    this.kubeconfig = kubeconfigOf(cluster, { name: clusterName, region, credentials });
    this.identity = cluster.arn;
    const access = { kubeconfig: this.kubeconfig, identity: this.identity, ownsAll: true };
    // What a resource depends on outlives it. The way down is: the objects of others, which have `provider`; autoscaler, load
    // balancer controller and pools, which have a provider of the nodes' own; add-ons and node groups; then the control plane,
    // and at last its roles, its key and the network.
    const Nodes = mode === "auto" ? AutoModeNodes : NodeGroups;
    const { kubeconfig } = this;
    const nodes = new Nodes(`${name}-nodes`, { ...settings, cluster, kubeconfig, network }, inMode);
    const dependsOn = [control, network, nodes];
    this.provider = objectsProvider(name, access, { ...child, dependsOn });

    this.name = name;
    this.mode = mode;
    this.place = place;
    this.buckets = new EksBuckets(name, { ...place, cluster, nodes }, child);
    this.namespaceLabels = readinessGates[mode];
    this.pools = Object.fromEntries(
      Object.entries(pools).map(([pool, config]) => [pool, placedPool(pool, config, mode)]),
    );
    this.registerOutputs({});
  }

  loadBalancer(scope: LoadBalancerScope): LoadBalancer {
    return balancer(this.mode, scope, this.place.tags);
  }

  bucketAccess(name: string, access: BucketAccess): BucketGrant {
    return this.buckets.access(name, access);
  }

  bucketVolume(name: string, mount: BucketMount): BucketVolume {
    refuse(this, name, folderProblems(mount));
    return this.buckets.volume(name, mount);
  }

  imageRepository(name: string): ImageRepository {
    return ecrRepository(this.name, name, this.place, { parent: this });
  }
}

/** Kubernetes version of a cluster that names none. EKS follows no channel, so a newer default is a change of this line. */
const defaultVersion = "1.35";

/** The arguments, with what holds where they say nothing. */
function settingsOf(name: string, args: EksClusterArgs) {
  const { region, system = {} } = args;
  return {
    region,
    mode: args.mode ?? ("auto" as const),
    version: args.version ?? defaultVersion,
    zones: args.zones ?? defaultZones(region),
    access: args.access,
    admins: args.admins ?? [],
    viewers: args.viewers ?? [],
    clusterName: args.clusterName ?? `${pulumi.getStack()}-${name}`,
    deletionProtection: args.deletionProtection ?? true,
    nat: args.nat ?? ("one" as const),
    cidr: args.cidr ?? "10.0.0.0/16",
    system: { machine: system.machine ?? systemMachine, nodes: system.nodes ?? systemNodes },
    credentials: args.credentials ?? tokenCredentials(providerCredentials()),
    tags: args.tags ?? {},
    pools: args.pools ?? {},
  };
}

/** What is wrong with the arguments, and with how the provider of AWS is configured where they leave that to it. */
function settingsProblems(
  args: EksClusterArgs,
  { clusterName, cidr, system, pools }: ReturnType<typeof settingsOf>,
): Problem[] {
  const cluster = { ...args, kind: "eks", clusterName, cidr, ownNodes: system.nodes } as const;
  return [
    ...(args.credentials ? [] : credentialProblems(providerCredentials())),
    ...problemsOf(rulesOf("eks"), cluster, pools),
  ];
}
