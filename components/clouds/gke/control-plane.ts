import { Cluster, type ClusterArgs } from "@pulumi/gcp/container/cluster";
import * as pulumi from "@pulumi/pulumi";
import { execKubeconfig } from "../exec-kubeconfig";
import type { ManagedClusterArgs, SystemPool } from "../managed";

/** Address ranges of a cluster's own network; networks joined to it must not overlap them. */
export interface AddressRanges {
  /** Nodes and internal load balancers. @default "10.0.0.0/20" */
  nodes?: string;
  /** Pods; each node takes a /24 of it. @default "10.4.0.0/14", 1024 nodes */
  pods?: string;
  /** Services. @default "10.1.0.0/20" */
  services?: string;
}

/** Names of the subnetwork's ranges. */
export const rangeNames = { pods: "pods", services: "services" } as const;

/** What is said of a cluster, with its defaults. */
export interface ClusterSettings extends ManagedClusterArgs {
  clusterName: string;
  project: string;
  ranges?: AddressRanges;
  groupsDomain?: string;
  deletionProtection: boolean;
  /** The cluster's own nodes. */
  system: Required<SystemPool>;
  /** Labels of everything that costs money. */
  labels: Record<string, string>;
}

/** What a cluster is made from. */
export interface ClusterParts {
  network: pulumi.Input<string>;
  subnetwork: pulumi.Input<string>;
  /** Id of the key that encrypts Secrets. */
  secretsKey: pulumi.Input<string>;
  defaults: NodeDefaults;
}

/** The cluster without its node pools. */
export function googleCluster(
  name: string,
  settings: ClusterSettings,
  { network, subnetwork, secretsKey, defaults }: ClusterParts,
  opts: pulumi.CustomResourceOptions,
): Cluster {
  const { clusterName, project, region, zones, deletionProtection, groupsDomain } = settings;
  return new Cluster(
    name,
    {
      ...{ name: clusterName, project, location: region, nodeLocations: zones },
      ...{ network, subnetwork, deletionProtection },
      ipAllocationPolicy: {
        clusterSecondaryRangeName: rangeNames.pods,
        servicesSecondaryRangeName: rangeNames.services,
      },
      workloadIdentityConfig: { workloadPool: `${project}.svc.id.goog` },
      databaseEncryption: { state: "ENCRYPTED", keyName: secretsKey },
      resourceLabels: settings.tags,
      ...hardened,
      ...endpoints(settings.access),
      ...versions(settings),
      // RBAC may name groups in one group, whose name Google prescribes ("Configure Google Groups for RBAC").
      authenticatorGroupsConfig:
        groupsDomain === undefined
          ? undefined
          : { securityGroup: `gke-security-groups@${groupsDomain}` },
      // GKE makes no cluster without a pool: a small one, gone before the cluster is done.
      ...{ removeDefaultNodePool: true, initialNodeCount: 1 },
      nodeConfig: { ...nodeConfig(defaults), ...firstDisk },
    },
    {
      ...opts,
      protect: deletionProtection,
      // Once the first pool is gone, the cluster reports another one's configuration, which would replace it.
      ignoreChanges: ["nodeConfig", "initialNodeCount"],
      // Google's provider waits 40 minutes for a creation; an upgrade takes each of three replicas of the control plane in turn.
      customTimeouts: { create: "60m", update: "120m", delete: "60m" },
    },
  );
}

/** What all nodes of a cluster have in common. */
export interface NodeDefaults {
  /** E-mail address of the nodes' service account. */
  serviceAccount: pulumi.Input<string>;
  /** Labels of the machines and disks, for the bill. */
  resourceLabels: Record<string, string>;
}

/** What every node has, whatever runs on it. */
export function nodeConfig({ serviceAccount, resourceLabels }: NodeDefaults) {
  return {
    serviceAccount,
    resourceLabels,
    // What the nodes may do is up to the roles of their account.
    oauthScopes: ["https://www.googleapis.com/auth/cloud-platform"],
    imageType: "COS_CONTAINERD",
    shieldedInstanceConfig: { enableSecureBoot: true, enableIntegrityMonitoring: true },
    workloadMetadataConfig: { mode: "GKE_METADATA" },
    metadata: { "disable-legacy-endpoints": "true" },
    kubeletConfig: { insecureKubeletReadonlyPortEnabled: "FALSE" },
    gcfsConfig: { enabled: true },
    gvnic: { enabled: true },
  } satisfies ClusterArgs["nodeConfig"];
}

/** Disks of the pool that goes at once: of no SSD, of which a new project may have 250 GB in a region (docs/facts.md 2.21). */
const firstDisk = { diskType: "pd-standard", diskSizeGb: 50 };

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

/** Which Kubernetes: the channel's, or one that it stays on, of those that the regular channel has. */
function versions({ version, channel = "regular" }: ManagedClusterArgs) {
  return {
    releaseChannel: { channel: channel.toUpperCase() },
    minMasterVersion: version,
    // There is always a policy: Google's provider leaves the exclusions of a cluster alone whose policy goes, so that one which is
    // to follow its channel again would stay where it was.
    maintenancePolicy: {
      recurringWindow: window,
      maintenanceExclusions: version === undefined ? [] : [stays],
    },
  };
}

/** When GKE may upgrade by itself: Saturdays and Sundays, 01:00 to 09:00 UTC. It wants 48 hours of windows in 32 days (docs/facts.md 2.22). */
const window = {
  startTime: "2026-01-03T01:00:00Z",
  endTime: "2026-01-03T09:00:00Z",
  recurrence: "FREQ=WEEKLY;BYDAY=SA,SU",
} as const;

/**
 * Keeps a cluster on its minor version, and its nodes on theirs, until Google no longer supports it; patches of the control plane
 * come all the same, and upgrades that somebody asks for (docs/facts.md 2.1). GKE takes a start that is past.
 */
const stays = {
  exclusionName: "stays-on-its-version",
  startTime: "2026-01-01T00:00:00Z",
  exclusionOptions: {
    scope: "NO_MINOR_OR_NODE_UPGRADES",
    endTimeBehavior: "UNTIL_END_OF_SUPPORT",
  },
} as const;

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
      ...["SYSTEM_COMPONENTS", "APISERVER", "CONTROLLER_MANAGER", "SCHEDULER", "WORKLOADS"],
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

/** The kubeconfig of a cluster, a secret; by address where the control plane is reached from given ranges. */
export function kubeconfigOf(
  { name, endpoint, masterAuth, controlPlaneEndpointsConfig }: Cluster,
  byAddress: boolean,
): pulumi.Output<string> {
  const dns = controlPlaneEndpointsConfig.dnsEndpointConfig.apply((dns) => dns?.endpoint ?? "");
  // Any client trusts the DNS endpoint, whose certificate is not of the cluster's authority.
  const where = byAddress
    ? {
        server: pulumi.interpolate`https://${endpoint}`,
        "certificate-authority-data": masterAuth.clusterCaCertificate,
      }
    : { server: pulumi.interpolate`https://${dns}` };
  const exec = {
    command: "gke-gcloud-auth-plugin",
    installHint: "gcloud components install gke-gcloud-auth-plugin",
    provideClusterInfo: true,
  };
  return pulumi.secret(
    pulumi.all([name, where]).apply(([name, cluster]) => execKubeconfig({ name, cluster, exec })),
  );
}
