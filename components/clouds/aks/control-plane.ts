import {
  MaintenanceConfiguration,
  ManagedCluster,
  type ManagedClusterArgs as AzureClusterArgs,
} from "@pulumi/azure-native/containerservice";
import type { UserAssignedIdentity } from "@pulumi/azure-native/managedidentity";
import * as pulumi from "@pulumi/pulumi";
import type { ManagedClusterArgs } from "../managed";
import { nodeResourceGroup } from "./bucket-name";
import { systemPoolName } from "./own-nodes";
import { dnsAddress, podRange, serviceRange, type Network } from "./network";
import type { Place } from "./place";
import { provisionMinutes, systemPool } from "./pools";

/** What the control plane is made from. */
export interface ControlPlaneParts {
  network: Network;
  /** Identity that the cluster acts with in the network and on reservations. */
  identity: UserAssignedIdentity;
  /** Zones of the system pool. */
  zones: string[] | undefined;
  /** Entra groups whose members may do everything in the cluster, by object id. */
  adminGroups: string[] | undefined;
  /** What must be there before the cluster, such as the rights of its identity. */
  dependsOn: pulumi.Resource[];
}

/** Makes the control plane with the system pool. */
export function makeControlPlane(
  name: string,
  place: Place,
  args: ManagedClusterArgs,
  parts: ControlPlaneParts,
): ManagedCluster {
  const { resourceGroupName, location, tags, azureName, child } = place;
  const { network, identity, zones, adminGroups, dependsOn } = parts;
  const cluster = new ManagedCluster(
    name,
    {
      resourceName: azureName,
      ...{ resourceGroupName, location, tags },
      dnsPrefix: azureName,
      nodeResourceGroup: nodeResourceGroup(azureName),
      sku: { name: "Base", tier: "Standard" },
      identity: { type: "UserAssigned", userAssignedIdentities: [identity.id] },
      ...versionSettings(args),
      ...accessSettings(args.access, network, adminGroups),
      oidcIssuerProfile: { enabled: true },
      securityProfile: { workloadIdentity: { enabled: true } },
      networkProfile: networkSettings,
      autoScalerProfile: autoScalerSettings,
      storageProfile: { diskCSIDriver: { enabled: true }, blobCSIDriver: { enabled: true } },
      agentPoolProfiles: [
        {
          ...systemPool,
          name: systemPoolName,
          nodeTaints: [...systemPool.nodeTaints],
          availabilityZones: zones,
          vnetSubnetID: network.subnet.id,
          orchestratorVersion: args.version,
          tags,
        },
      ],
    },
    {
      ...child,
      dependsOn,
      protect: args.deletionProtection ?? true,
      // Nothing of agentPoolProfiles is ignored by its place: after a refresh the list holds all pools that live (docs/facts.md 4.20).
      customTimeouts: { create: "40m", update: "90m", delete: "40m" },
    },
  );
  for (const schedule of ["aksManagedAutoUpgradeSchedule", "aksManagedNodeOSUpgradeSchedule"]) {
    new MaintenanceConfiguration(
      `${name}-${schedule}`,
      {
        configName: schedule,
        resourceName: cluster.name,
        resourceGroupName,
        maintenanceWindow,
      },
      child,
    );
  }
  return cluster;
}

/** When AKS may upgrade by itself: Sundays, 01:00 to 09:00 UTC. */
const maintenanceWindow = {
  schedule: { weekly: { dayOfWeek: "Sunday", intervalWeeks: 1 } },
  startTime: "01:00",
  durationHours: 8,
  utcOffset: "+00:00",
};

/** Pods have addresses of their own that no other network sees, and Cilium enforces NetworkPolicy. */
const networkSettings = {
  networkPlugin: "azure",
  networkPluginMode: "overlay",
  networkDataplane: "cilium",
  networkPolicy: "cilium",
  podCidr: podRange,
  serviceCidr: serviceRange,
  dnsServiceIP: dnsAddress,
  loadBalancerSku: "standard",
  outboundType: "userAssignedNATGateway",
};

const autoScalerSettings = {
  expander: "priority",
  maxNodeProvisionTime: `${provisionMinutes}m`,
  // GPU pods have memory-backed volumes, which count as local: their nodes would never go.
  skipNodesWithLocalStorage: "false",
};

/** AKS's release channel for each of ours; it has none between the latest minor version and the one before it. */
const channels = { rapid: "rapid", regular: "stable", stable: "stable" } as const;

/** A channel, or a minor version that gets its patches: an unpatched control plane helps nobody. */
function versionSettings({
  version,
  channel = "regular",
}: ManagedClusterArgs): Pick<AzureClusterArgs, "kubernetesVersion" | "autoUpgradeProfile"> {
  const upgradeChannel = version ? "patch" : channels[channel];
  return {
    kubernetesVersion: version,
    autoUpgradeProfile: { upgradeChannel, nodeOSUpgradeChannel: "NodeImage" },
  };
}

/** Entra says who comes in, Azure's roles what they may do; ranges, if given, from where. */
function accessSettings(
  access: string[] | undefined,
  { outboundAddress }: Network,
  adminGroups: string[] | undefined,
): Pick<
  AzureClusterArgs,
  "aadProfile" | "disableLocalAccounts" | "enableRBAC" | "apiServerAccessProfile"
> {
  return {
    aadProfile: { managed: true, enableAzureRBAC: true, adminGroupObjectIDs: adminGroups },
    disableLocalAccounts: true,
    enableRBAC: true,
    apiServerAccessProfile: {
      // The nodes reach the control plane through the NAT gateway.
      authorizedIPRanges: access && [...access, pulumi.interpolate`${outboundAddress}/32`],
      // Commands run through Azure's API would come in from nowhere.
      disableRunCommand: true,
    },
  };
}
