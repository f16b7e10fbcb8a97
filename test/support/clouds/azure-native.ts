import { azureRefuses } from "./azure-refuses";
import type { CloudTable, Kind, Place, Thing, Values, World } from "./kind";
import { azureTimes } from "./times";
import { at } from "./values";

const subscription = "00000000-0000-4000-8000-000000000001";
const tenant = "00000000-0000-4000-8000-000000000002";
const inGroup = "/subscriptions/{subscription}/resourceGroups/{resourceGroupName}/providers";

/** Something in a resource group; its name is the last part of its id. */
const inResourceGroup = (
  path: string,
  fixed: string[] = [],
  outputs: Kind["outputs"] = () => ({}),
): Kind => ({
  id: `${inGroup}/${path}`,
  fixed: ["resourceGroupName", "location", ...(path.match(/\w+(?=\})/g) ?? []), ...fixed],
  names: { resourceGroupName: "azure-native:resources:ResourceGroup" },
  outputs: (made, place) => ({ name: made.id.split("/").at(-1), ...outputs(made, place) }),
});

const child = (kind: Kind, names: Record<string, string>): Kind => ({
  ...kind,
  names: { ...kind.names, ...names },
});

const identity = (serial: number) => ({
  clientId: `00000000-0000-4000-8000-${String(100 + serial).padStart(12, "0")}`,
  principalId: `00000000-0000-4000-8000-${String(5000 + serial).padStart(12, "0")}`,
  tenantId: tenant,
});

const subnetsOf = (cluster: Values): unknown[] =>
  [...list(cluster.agentPoolProfiles), cluster]
    .map((pool) => at(pool, "vnetSubnetID"))
    .filter(Boolean);
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** The principals that a cluster's control plane acts as. */
function principals(cluster: Values, world: World): unknown[] {
  const identities = at(cluster, "identity.userAssignedIdentities");
  const ids = Array.isArray(identities) ? identities : Object.keys(identities ?? {});
  return ids.map((id) => world.known(id)?.outputs.principalId);
}

const serves = (nodes: Values, { inputs }: Thing, world: World): boolean =>
  subnetsOf(nodes).some((id) => {
    const subnet = world.known(id);
    return (
      subnet &&
      (at(subnet.inputs, "natGateway.id") === undefined
        ? false
        : world.known(at(subnet.inputs, "natGateway.id"))?.inputs.natGatewayName ===
          inputs.natGatewayName)
    );
  });

/** What `az aks get-credentials` gives for a cluster with Entra identities. */
function kubeconfig(cluster: string, { server, authority }: Place): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: cluster, cluster: { server, "certificate-authority-data": authority } }],
    contexts: [{ name: cluster, context: { cluster, user: `clusterUser_${cluster}` } }],
    "current-context": cluster,
    users: [
      {
        name: `clusterUser_${cluster}`,
        user: {
          exec: {
            apiVersion: "client.authentication.k8s.io/v1beta1",
            command: "kubelogin",
            args: ["get-token", "--login", "devicecode", "--server-id", "6dae42f8"],
            provideClusterInfo: false,
          },
        },
      },
    ],
  });
}

/** Azure as far as our clusters use it. */
export const azureNative: CloudTable = {
  name: "azure-native",
  defaults: { subscription },
  seconds: azureTimes,
  reference: /^\/subscriptions\/[^/]+\/resourceGroups\//i,
  foreign: /\/(roleDefinitions|capacityReservationGroups|storageAccounts|locations)\//,
  locks: [],
  kinds: {
    "azure-native:resources:ResourceGroup": {
      id: "/subscriptions/{subscription}/resourceGroups/{resourceGroupName}",
      fixed: ["resourceGroupName", "location"],
      outputs: ({ inputs }) => ({ name: inputs.resourceGroupName }),
    },
    "azure-native:network:VirtualNetwork": inResourceGroup(
      "Microsoft.Network/virtualNetworks/{virtualNetworkName}",
    ),
    "azure-native:network:Subnet": child(
      inResourceGroup(
        "Microsoft.Network/virtualNetworks/{virtualNetworkName}/subnets/{subnetName}",
      ),
      { virtualNetworkName: "azure-native:network:VirtualNetwork" },
    ),
    "azure-native:network:NatGateway": inResourceGroup(
      "Microsoft.Network/natGateways/{natGatewayName}",
      ["zones", "sku"],
    ),
    "azure-native:network:PublicIPAddress": inResourceGroup(
      "Microsoft.Network/publicIPAddresses/{publicIpAddressName}",
      ["zones", "sku"],
      () => ({ ipAddress: "203.0.113.30" }),
    ),
    "azure-native:network:PublicIPPrefix": inResourceGroup(
      "Microsoft.Network/publicIPPrefixes/{publicIpPrefixName}",
      ["zones", "prefixLength"],
    ),
    "azure-native:network:NetworkSecurityGroup": inResourceGroup(
      "Microsoft.Network/networkSecurityGroups/{networkSecurityGroupName}",
    ),
    "azure-native:managedidentity:UserAssignedIdentity": {
      ...inResourceGroup(
        "Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}",
        [],
        ({ serial }) => identity(serial),
      ),
      handles: ["principalId", "clientId"],
    },
    "azure-native:managedidentity:FederatedIdentityCredential": child(
      inResourceGroup(
        "Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}/federatedIdentityCredentials/{federatedIdentityCredentialResourceName}",
      ),
      { resourceName: "azure-native:managedidentity:UserAssignedIdentity" },
    ),
    "azure-native:authorization:RoleAssignment": {
      id: "{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
      fixed: ["scope", "roleAssignmentName", "principalId", "roleDefinitionId"],
    },
    "azure-native:authorization:ManagementLockByScope": {
      id: "{scope}/providers/Microsoft.Authorization/locks/{lockName}",
      fixed: ["scope", "lockName"],
    },
    "azure-native:authorization:ManagementLockAtResourceLevel": {
      id: "{resourceGroupName}/{resourceName}/locks/{lockName}",
      fixed: ["lockName", "resourceName"],
    },
    "azure-native:containerservice:ManagedCluster": {
      ...inResourceGroup(
        "Microsoft.ContainerService/managedClusters/{resourceName}",
        [
          "dnsPrefix",
          "networkProfile.networkPlugin",
          "nodeResourceGroup",
          "networkProfile.podCidr",
        ],
        ({ id, inputs, serial }, { server }) => ({
          fqdn: server.replace("https://", ""),
          azurePortalFQDN: server.replace("https://", ""),
          nodeResourceGroup: inputs.nodeResourceGroup ?? `MC_${id.split("/").at(-1)}`,
          currentKubernetesVersion: "1.35.4",
          oidcIssuerProfile: {
            ...(inputs.oidcIssuerProfile as Values | undefined),
            issuerURL: `https://oidc.example/${tenant}/${serial}/`,
          },
          identityProfile: {
            kubeletidentity: { ...identity(serial), objectId: identity(serial).principalId },
          },
        }),
      ),
      handles: ["oidcIssuerProfile.issuerURL"],
    },
    "azure-native:containerservice:AgentPool": child(
      inResourceGroup(
        "Microsoft.ContainerService/managedClusters/{resourceName}/agentPools/{agentPoolName}",
        [
          ...["vmSize", "osDiskSizeGB", "osDiskType", "scaleSetPriority", "scaleSetEvictionPolicy"],
          ...[
            "spotMaxPrice",
            "gpuInstanceProfile",
            "availabilityZones",
            "capacityReservationGroupID",
          ],
          ...["vnetSubnetID", "enableFIPS", "enableEncryptionAtHost", "osSKU"],
        ],
      ),
      { resourceName: "azure-native:containerservice:ManagedCluster" },
    ),
    "azure-native:containerservice:MaintenanceConfiguration": child(
      inResourceGroup(
        "Microsoft.ContainerService/managedClusters/{resourceName}/maintenanceConfigurations/{configName}",
      ),
      { resourceName: "azure-native:containerservice:ManagedCluster" },
    ),
    "azure-native:operationalinsights:Workspace": inResourceGroup(
      "Microsoft.OperationalInsights/workspaces/{workspaceName}",
    ),
    "azure-native:monitor:DiagnosticSetting": {
      id: "{resourceUri}/providers/microsoft.insights/diagnosticSettings/{name}",
      fixed: ["resourceUri", "name"],
    },
    "azure-native:insights:DiagnosticSetting": {
      id: "{resourceUri}/providers/microsoft.insights/diagnosticSettings/{name}",
      fixed: ["resourceUri", "name"],
    },
    "azure-native:keyvault:Vault": inResourceGroup(
      "Microsoft.KeyVault/vaults/{vaultName}",
      [],
      ({ inputs }) => ({
        properties: {
          ...(inputs.properties as Values | undefined),
          vaultUri: `https://${String(inputs.vaultName)}.vault.azure.net/`,
        },
      }),
    ),
    "azure-native:keyvault:Key": {
      ...child(
        inResourceGroup(
          "Microsoft.KeyVault/vaults/{vaultName}/keys/{keyName}",
          [],
          ({ inputs }) => {
            const keyUri = `https://${String(inputs.vaultName)}.vault.azure.net/keys/${String(inputs.keyName)}`;
            return { keyUri, keyUriWithVersion: `${keyUri}/1` };
          },
        ),
        { vaultName: "azure-native:keyvault:Vault" },
      ),
      handles: ["keyUri", "keyUriWithVersion"],
    },
    "azure-native:compute:DiskEncryptionSet": inResourceGroup(
      "Microsoft.Compute/diskEncryptionSets/{diskEncryptionSetName}",
      [],
      ({ serial }) => ({ identity: { type: "SystemAssigned", ...identity(serial) } }),
    ),
  },
  needs: [
    {
      type: "azure-native:containerservice:ManagedCluster",
      of: "azure-native:network:NatGateway",
      only: (cluster) => at(cluster, "networkProfile.outboundType") === "userAssignedNATGateway",
      when: serves,
      why: "the nodes' subnet must have the NAT gateway before there are nodes (AKS documentation of outboundType)",
    },
    {
      type: "azure-native:containerservice:ManagedCluster",
      of: "azure-native:authorization:RoleAssignment",
      only: (cluster) =>
        String(at(cluster, "identity.type")) === "UserAssigned" && subnetsOf(cluster).length > 0,
      when: (cluster, { inputs }, world) => principals(cluster, world).includes(inputs.principalId),
      anyOne: false,
      why: "the control plane joins nodes to the subnet, and load balancers later, as this identity",
    },
    {
      type: "azure-native:managedidentity:FederatedIdentityCredential",
      of: "azure-native:containerservice:ManagedCluster",
      when: ({ issuer }, cluster) => at(cluster.outputs, "oidcIssuerProfile.issuerURL") === issuer,
      why: "tokens of this issuer come from its cluster",
    },
  ],
  refuses: azureRefuses(tenant),
  functions: {
    // As a person on the command line has it.
    "azure-native:authorization:getClientToken": () => ({
      token: ["{}", JSON.stringify({ oid: tenant, scp: "user_impersonation" }), ""]
        .map((part) => Buffer.from(part).toString("base64url"))
        .join("."),
    }),
    "azure-native:authorization:getClientConfig": () => ({
      ...{ clientId: tenant, objectId: tenant, subscriptionId: subscription, tenantId: tenant },
    }),
    "azure-native:containerservice:listManagedClusterUserCredentials": (args, world, place) => {
      const name = String(args.resourceName);
      const known = world
        .all("azure-native:containerservice:ManagedCluster")
        .some(({ outputs }) => outputs.name === name);
      if (!known) throw new Error(`ResourceNotFound: ${name}`);
      const value = Buffer.from(kubeconfig(name, place)).toString("base64");
      return { kubeconfigs: [{ name: "clusterUser", value }] };
    },
  },
};
