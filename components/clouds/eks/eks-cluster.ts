// First: it throws in words where the SDK is missing.
import "./sdk";
import { getAuthorizationTokenOutput } from "@pulumi/aws/ecr/getAuthorizationToken";
import { Repository } from "@pulumi/aws/ecr/repository";
import type { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
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
import { objectsProvider } from "../../cluster/objects-provider";
import { refuse } from "../../refuse";
import { folderProblems } from "../bucket-volume";
import type { ManagedCluster } from "../managed";
import { AutoModeNodes } from "./auto-mode";
import { EksBuckets } from "./buckets";
import { placedPool } from "./capacity-order";
import { EksControlPlane } from "./control-plane";
import { kubeconfigOf } from "./kubeconfig";
import { balancer, readinessGates } from "./load-balancer";
import { asMade } from "./mode";
import { EksNetwork } from "./network";
import { NodeGroups } from "./node-groups";
import { diskClass } from "./nodes";
import {
  settingsOf,
  settingsProblems,
  type EksClusterArgs,
  type EksPlace,
  type EksSettings,
} from "./settings";
import { subnetZones } from "./zones";

export type { EksClusterArgs } from "./settings";

/** An EKS cluster with a network of its own, nodes of its own, and pools whose capacity types are tried in order. */
export class EksCluster extends pulumi.ComponentResource implements ManagedCluster {
  readonly provider: Provider;
  readonly kubeconfig: pulumi.Output<string>;
  readonly identity: pulumi.Output<string>;
  readonly pools: Readonly<Record<string, PlacedPool>>;
  readonly enforcesNetworkPolicy = true;
  readonly namespaceLabels: Readonly<Record<string, string>>;
  readonly diskStorageClass = diskClass;
  readonly lacksGpuMetrics: boolean;
  private readonly name: string;
  private readonly settings: EksSettings;
  private readonly buckets: EksBuckets;

  constructor(name: string, args: EksClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("gpu-serving:index:EksCluster", name, {}, opts);
    const settings = settingsOf(name, args);
    refuse(this, name, settingsProblems(args, settings));
    const { clusterName, region, mode, pools, credentials } = settings;

    const child = { parent: this };
    const zones = subnetZones(settings.zones, pools);
    const network = new EksNetwork(`${name}-network`, { ...settings, zones }, child);
    // Nothing in either of them is registered before it is known that the cluster keeps its mode.
    const known = [...settings.admins, ...settings.viewers];
    const inMode = { ...child, dependsOn: asMade(`${name}-mode`, { mode, known }, child) };
    const control = new EksControlPlane(name, { ...settings, network }, inMode);
    const { cluster } = control;
    const kubeconfig = kubeconfigOf(cluster, clusterName, region, credentials);
    // What a resource depends on outlives it. The way down is: the objects of others, which have `provider`; autoscaler, load
    // balancer controller and pools, which have a provider of the nodes' own; add-ons and node groups; then the control plane,
    // and at last its roles, its key and the network.
    // Auto Mode's nodes give the devices of GPUs to those pods alone that ask for one.
    this.lacksGpuMetrics = mode !== "auto";
    const Nodes = mode === "auto" ? AutoModeNodes : NodeGroups;
    const nodes = new Nodes(`${name}-nodes`, { ...settings, cluster, kubeconfig, network }, inMode);
    this.kubeconfig = kubeconfig;
    this.identity = cluster.arn;
    this.provider = objectsProvider(
      name,
      { kubeconfig, identity: cluster.arn, ownsAll: true },
      { ...child, dependsOn: [control, network, nodes] },
    );

    this.name = name;
    this.settings = settings;
    this.buckets = new EksBuckets(name, { ...settings, cluster, nodes }, child);
    this.namespaceLabels = readinessGates[mode];
    this.pools = Object.fromEntries(
      Object.entries(pools).map(([pool, config]) => [pool, placedPool(pool, config, mode)]),
    );
    this.registerOutputs({});
  }

  loadBalancer(scope: LoadBalancerScope): LoadBalancer {
    return balancer(this.settings.mode, scope, this.settings.tags);
  }

  bucketAccess(name: string, access: BucketAccess): BucketGrant {
    return this.buckets.access(name, access);
  }

  bucketVolume(name: string, mount: BucketMount): BucketVolume {
    refuse(this, name, folderProblems(mount));
    return this.buckets.volume(name, mount);
  }

  imageRepository(name: string): ImageRepository {
    return ecrRepository(this.name, name, this.settings, { parent: this });
  }
}

/** The cluster's own repository of one image in ECR; the nodes' role may pull (AmazonEC2ContainerRegistryPullOnly). */
function ecrRepository(
  name: string,
  image: string,
  { clusterName, region, tags }: EksPlace,
  child: { parent: pulumi.Resource },
): ImageRepository {
  const { repositoryUrl, registryId } = new Repository(
    `${name}-images-${image}`,
    {
      region,
      name: `${clusterName}/${image}`,
      // A tag names one content for ever.
      imageTagMutability: "IMMUTABLE",
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfigurations: [{ encryptionType: "AES256" }],
      // Every image can be built again from its folder.
      forceDelete: true,
      tags,
    },
    child,
  );
  const token = getAuthorizationTokenOutput({ region, registryId }, child);
  return {
    repository: repositoryUrl,
    login: {
      address: repositoryUrl.apply((url) => url.split("/")[0] ?? url),
      username: token.userName,
      password: pulumi.secret(token.password),
    },
    // The cluster's objects come after its nodes' roles.
    dependsOn: [],
  };
}
