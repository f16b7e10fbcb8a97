import {
  MaintenanceConfiguration,
  ManagedCluster,
  type ManagedClusterArgs as AzureClusterArgs,
} from "@pulumi/azure-native/containerservice";
import { UserAssignedIdentity } from "@pulumi/azure-native/managedidentity";
import * as pulumi from "@pulumi/pulumi";
import { nodeResourceGroup } from "./bucket-name";
import { dnsAddress, podRange, serviceRange, type Network } from "./network";
import { guid } from "./names";
import { grant, type AksSettings, type Place } from "./place";
import { firstPool, provisionMinutes } from "./pools";

/** Makes the control plane with the pool of AKS's own pods. */
export function makeControlPlane(
  name: string,
  place: Place,
  settings: AksSettings,
  { network, proximity }: { network: Network; proximity: Record<string, pulumi.Output<string>> },
): ManagedCluster {
  const { resourceGroupName, location, tags, azureName, child } = place;
  const identity = new UserAssignedIdentity(
    `${name}-identity`,
    { resourceName: azureName, resourceGroupName, location, tags },
    child,
  );
  const cluster = new ManagedCluster(
    name,
    {
      resourceName: azureName,
      ...{ resourceGroupName, location, tags },
      dnsPrefix: azureName,
      nodeResourceGroup: nodeResourceGroup(azureName),
      sku: { name: "Base", tier: "Standard" },
      identity: { type: "UserAssigned", userAssignedIdentities: [identity.id] },
      ...versionSettings(settings),
      ...accessSettings(settings, network),
      oidcIssuerProfile: { enabled: true },
      securityProfile: { workloadIdentity: { enabled: true } },
      networkProfile: networkSettings,
      autoScalerProfile: autoScalerSettings,
      storageProfile: { diskCSIDriver: { enabled: true }, blobCSIDriver: { enabled: true } },
      agentPoolProfiles: [
        {
          ...firstPool(settings.firstMachine),
          availabilityZones: settings.plainZones,
          vnetSubnetID: network.subnet.id,
          orchestratorVersion: settings.version,
          tags,
        },
      ],
    },
    {
      ...child,
      // Azure may take minutes to heed these, about as long as it takes to make the cluster that waits for them.
      dependsOn: [
        right("in-network", "Network Contributor", network.subnet.id),
        ...reservationsOf(settings.pools).map((scope) =>
          right(`on-${guid(scope).slice(0, 8)}`, "Contributor", scope),
        ),
        ...Object.entries(proximity).map(([pool, scope]) =>
          right(`${pool}-in-proximity`, "Contributor", scope),
        ),
      ],
      protect: settings.deletionProtection,
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

  /** A right of the identity that the cluster acts with: to join nodes to the subnet, to reservations and to proximity groups. */
  function right(
    suffix: string,
    role: "Network Contributor" | "Contributor",
    scope: pulumi.Input<string>,
  ) {
    return grant(`${name}-${suffix}`, place, { role, principalId: identity.principalId, scope });
  }
}

function reservationsOf(pools: AksSettings["pools"]): string[] {
  const types = Object.values(pools).flatMap(({ capacity }) => capacity);
  return [...new Set(types.flatMap((type) => ("reservation" in type ? [type.reservation] : [])))];
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
}: AksSettings): Pick<AzureClusterArgs, "kubernetesVersion" | "autoUpgradeProfile"> {
  const upgradeChannel = version ? "patch" : channels[channel];
  return {
    kubernetesVersion: version,
    autoUpgradeProfile: { upgradeChannel, nodeOSUpgradeChannel: "NodeImage" },
  };
}

/** Entra says who comes in, Azure's roles what they may do; ranges, if given, from where. */
function accessSettings(
  { access, adminGroups }: AksSettings,
  { outboundAddress }: Network,
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
