import type { Cluster as EksApiCluster } from "@pulumi/aws/eks/cluster";
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
import { buckets, installed } from "./add-ons";
import { AutoModeNodes } from "./auto-mode";
import { bucketClaim, BucketDriver } from "./bucket-volume";
import { EksControlPlane } from "./control-plane";
import {
  credentialProblems,
  providerCredentials,
  tokenCredentials,
  type TokenCredentials,
} from "./credentials";
import { ecrRepository } from "./images";
import { kubeconfig } from "./kubeconfig";
import { placedPool } from "./ladder";
import { balancer, readinessGates } from "./load-balancer";
import { asMade, type EksMode } from "./mode";
import { partition } from "./names";
import { EksNetwork } from "./network";
import { NodeGroups } from "./node-groups";
import { systemMachine, systemNodes } from "./own-nodes";
import { bucketStatements, PodIdentity } from "./pod-identity";
import { diskClass } from "./storage-class";
import { subnetZones } from "./zones";
import type { ManagedCluster, ManagedClusterArgs } from "../managed";
import { objectsProvider } from "../../cluster/objects-provider";
import { refuse } from "../../refuse";

/** Arguments for {@link EksCluster}. */
export interface EksClusterArgs extends ManagedClusterArgs {
  /**
   * Source ranges, IPv4, that may reach the control plane; empty: only from inside the network. EKS has no endpoint that IAM
   * protects before the first packet, so there is no default.
   */
  access?: string[];
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
}

/** An EKS cluster with a network of its own, nodes without GPU, and GPU pools whose rungs are tried in order. */
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
  private readonly cluster: EksApiCluster;
  private readonly identities = new Map<string, PodIdentity>();
  private readonly bucketDriver: BucketDriver;

  constructor(name: string, args: EksClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("gpu-serving:index:EksCluster", name, {}, opts);
    const { region, mode = "auto", version = defaultVersion, tags = {}, pools = {} } = args;
    const { zones = defaultZones(region), access = [], admins = [], viewers = [] } = args;
    const {
      clusterName = `${pulumi.getStack()}-${name}`,
      deletionProtection = true,
      nat = "one",
    } = args;
    const { cidr = "10.0.0.0/16", system: { machine = systemMachine, nodes = systemNodes } = {} } =
      args;
    const provider = providerCredentials();
    const { credentials = tokenCredentials(provider) } = args;
    refuse(this, name, [
      ...(args.credentials ? [] : credentialProblems(provider)),
      ...problemsOf(
        rulesOf("eks"),
        { ...args, kind: "eks", clusterName, cidr, ownNodes: nodes },
        pools,
      ),
    ]);

    const child = { parent: this };
    const place = { clusterName, region, tags };
    const network = new EksNetwork(
      `${name}-network`,
      { region, zones: subnetZones(zones, pools), cidr, nat, tags },
      child,
    );
    // Nothing in either of them is registered before it is known that the cluster keeps its mode.
    const inMode = {
      ...child,
      dependsOn: asMade(`${name}-mode`, { mode, known: [...admins, ...viewers] }, child),
    };
    const control = new EksControlPlane(
      name,
      { ...place, version, mode, network, zones, access, admins, viewers, deletionProtection },
      inMode,
    );
    const { cluster } = control;
    this.kubeconfig = pulumi.secret(
      pulumi
        .all([cluster.endpoint, cluster.certificateAuthority])
        .apply(([url, { data }]) =>
          kubeconfig({ name: clusterName, region, url, authority: data, credentials }),
        ),
    );
    // What a resource depends on outlives it. The way down is: the objects of others, which have `provider`; autoscaler, load
    // balancer controller and pools, which have a provider of the nodes' own; add-ons and node groups; then the control plane,
    // and at last its roles, its key and the network.
    const Nodes = mode === "auto" ? AutoModeNodes : NodeGroups;
    const nodesOfAllKinds = new Nodes(
      `${name}-nodes`,
      {
        ...{ ...place, version, cluster, kubeconfig: this.kubeconfig, network, zones, pools },
        system: { machine, nodes },
      },
      inMode,
    );
    this.identity = cluster.arn;
    this.provider = objectsProvider(
      name,
      { kubeconfig: this.kubeconfig, identity: this.identity, ownsAll: true },
      { ...child, dependsOn: [control, network, nodesOfAllKinds] },
    );

    this.name = name;
    this.mode = mode;
    this.place = place;
    this.cluster = cluster;
    this.bucketDriver = new BucketDriver(() =>
      installed(
        name,
        [buckets],
        cluster,
        { region, tags },
        { ...child, dependsOn: nodesOfAllKinds },
      ),
    );
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
    const { namespace, serviceAccount, bucket, write } = access;
    const statements = bucketStatements(bucket, write, partition(this.place.region));
    const identity = this.identityOf(namespace, serviceAccount);
    return {
      serviceAccountAnnotations: {},
      podLabels: {},
      podAnnotations: {},
      dependsOn: [identity, identity.allow(`${this.name}-${name}`, statements)],
    };
  }

  bucketVolume(name: string, mount: BucketMount): BucketVolume {
    refuse(this, name, folderProblems(mount));
    const { dependsOn, ...grant } = this.bucketAccess(name, mount);
    return {
      ...grant,
      ...bucketClaim(name, mount, this.place.region),
      dependsOn: [...dependsOn, ...this.bucketDriver.addOns()],
    };
  }

  imageRepository(name: string): ImageRepository {
    return ecrRepository(this.name, name, this.place, { parent: this });
  }

  /** EKS takes one identity for a service account, so all of its buckets are one role's. */
  private identityOf(namespace: string, serviceAccount: string): PodIdentity {
    const account = `${namespace}-${serviceAccount}`;
    const { clusterName, ...where } = this.place;
    const identity =
      this.identities.get(account) ??
      new PodIdentity(
        `${this.name}-pods-${account}`,
        {
          ...{ ...where, namespace, serviceAccount, clusterName: this.cluster.name },
          roleName: `${clusterName}-pods-${account}`,
        },
        { parent: this },
      );
    this.identities.set(account, identity);
    return identity;
  }
}

/** Kubernetes version of a cluster that names none. EKS follows no channel, so a newer default is a change of this line. */
const defaultVersion = "1.35";
