import { Cluster, type ClusterArgs } from "@pulumi/gcp/container/cluster";
import type * as pulumi from "@pulumi/pulumi";
import type { ManagedClusterArgs } from "../managed";
import { maintenancePolicy } from "./maintenance";
import { rangeNames } from "./network";
import { nodeConfig, type NodeDefaults } from "./node-pool";

/** What {@link googleCluster} takes. */
export interface GoogleClusterArgs extends ManagedClusterArgs {
  clusterName: string;
  project: string;
  network: pulumi.Input<string>;
  subnetwork: pulumi.Input<string>;
  /** Id of the key that encrypts Secrets. */
  secretsKey: pulumi.Input<string>;
  /** Domain of the Google groups that RBAC may name. @default RBAC knows no groups */
  groupsDomain?: string;
  defaults: NodeDefaults;
}

/** The cluster without its node pools. */
export function googleCluster(
  name: string,
  args: GoogleClusterArgs,
  opts: pulumi.CustomResourceOptions,
): Cluster {
  return new Cluster(name, clusterArgs(args), {
    ...opts,
    protect: args.deletionProtection,
    // Once the first pool is gone, the cluster reports another one's configuration, which would replace it.
    ignoreChanges: ["nodeConfig", "initialNodeCount"],
    customTimeouts,
  });
}

function clusterArgs(args: GoogleClusterArgs): ClusterArgs {
  const { clusterName, project, region, zones, network, subnetwork, secretsKey, defaults } = args;
  return {
    ...{ name: clusterName, project, location: region, nodeLocations: zones },
    ...{ network, subnetwork },
    ipAllocationPolicy: {
      clusterSecondaryRangeName: rangeNames.pods,
      servicesSecondaryRangeName: rangeNames.services,
    },
    workloadIdentityConfig: { workloadPool: `${project}.svc.id.goog` },
    databaseEncryption: { state: "ENCRYPTED", keyName: secretsKey },
    deletionProtection: args.deletionProtection,
    resourceLabels: args.tags,
    ...hardened,
    ...endpoints(args.access),
    ...versions(args),
    authenticatorGroupsConfig: groupsOf(args.groupsDomain),
    // GKE makes no cluster without a pool: a small one, gone before the cluster is done.
    ...{ removeDefaultNodePool: true, initialNodeCount: 1 },
    nodeConfig: { ...nodeConfig(defaults), ...firstDisk },
  };
}

/** Disks of the pool that goes at once: of no SSD, of which a new project may have 250 GB in a region (docs/facts.md 2.21). */
const firstDisk = { diskType: "pd-standard", diskSizeGb: 50 };

/**
 * Longest times of changes to a cluster. Google's provider waits 40 minutes for its creation; an upgrade of the control
 * plane takes each of its three replicas in turn.
 */
const customTimeouts: pulumi.CustomTimeouts = {
  create: "60m",
  update: "120m",
  delete: "60m",
};

/** Who reaches the control plane: anybody whom IAM lets in, by name; or the given ranges, by address. */
function endpoints(access?: readonly string[]) {
  if (!access) {
    return {
      controlPlaneEndpointsConfig: {
        dnsEndpointConfig: { allowExternalTraffic: true },
        ipEndpointsConfig: { enabled: false },
      },
    } satisfies Partial<ClusterArgs>;
  }
  return {
    controlPlaneEndpointsConfig: {
      // Authorized networks do not hold for the DNS endpoint.
      dnsEndpointConfig: { allowExternalTraffic: false },
      ipEndpointsConfig: { enabled: true },
    },
    privateClusterConfig: { enablePrivateNodes: true, enablePrivateEndpoint: false },
    masterAuthorizedNetworksConfig: {
      cidrBlocks: access.map((cidrBlock) => ({ cidrBlock })),
      gcpPublicCidrsAccessEnabled: false,
    },
  } satisfies Partial<ClusterArgs>;
}

/** Whose groups RBAC may name: those in one group, whose name Google prescribes ("Configure Google Groups for RBAC"). */
function groupsOf(domain?: string) {
  return domain === undefined ? undefined : { securityGroup: `gke-security-groups@${domain}` };
}

/** Which Kubernetes: the channel's, or one that it stays on, of those that the regular channel has. */
function versions({
  version,
  channel = "regular",
}: Pick<ManagedClusterArgs, "version" | "channel">) {
  return {
    releaseChannel: { channel: channel.toUpperCase() },
    minMasterVersion: version,
    maintenancePolicy: maintenancePolicy(version !== undefined),
  };
}

/** What every cluster of ours has, whatever its arguments. */
const hardened = {
  networkingMode: "VPC_NATIVE",
  // Dataplane V2: enforces NetworkPolicy by itself.
  datapathProvider: "ADVANCED_DATAPATH",
  enableShieldedNodes: true,
  privateClusterConfig: { enablePrivateNodes: true },
  masterAuth: { clientCertificateConfig: { issueClientCertificate: false } },
  rbacBindingConfig: {
    enableInsecureBindingSystemAuthenticated: false,
    enableInsecureBindingSystemUnauthenticated: false,
  },
  // Admin activity is always in the audit log; these add what the control plane and the pods write.
  loggingConfig: {
    enableComponents: [
      "SYSTEM_COMPONENTS",
      "APISERVER",
      "CONTROLLER_MANAGER",
      "SCHEDULER",
      "WORKLOADS",
    ],
  },
  monitoringConfig: {
    enableComponents: ["SYSTEM_COMPONENTS", "DCGM"],
    managedPrometheus: { enabled: true },
  },
  costManagementConfig: { enabled: true },
  gatewayApiConfig: { channel: "CHANNEL_STANDARD" },
  addonsConfig: {
    gcePersistentDiskCsiDriverConfig: { enabled: true },
    gcsFuseCsiDriverConfig: { enabled: true },
    dnsCacheConfig: { enabled: true },
  },
  nodePoolDefaults: {
    nodeConfigDefaults: {
      gcfsConfig: { enabled: true },
      insecureKubeletReadonlyPortEnabled: "FALSE",
    },
  },
  // Nodes of ours only; the profile takes empty GPU nodes away sooner.
  clusterAutoscaling: { enabled: false, autoscalingProfile: "OPTIMIZE_UTILIZATION" },
} satisfies Partial<ClusterArgs>;
