const subscription = "/subscriptions/00000000-0000-4000-8000-000000000001";

type Inputs = Readonly<Record<string, unknown>>;

/** What Azure adds to the resources that others read it from, by type; ids as far as our programs look into them. */
export const azureAdditions: Readonly<Record<string, (inputs: Inputs) => object>> = {
  "azure-native:resources:ResourceGroup": ({ resourceGroupName }) => ({
    id: `${subscription}/resourceGroups/${String(resourceGroupName)}`,
    name: resourceGroupName,
  }),
  "azure-native:network:VirtualNetwork": ({ virtualNetworkName }) => ({ name: virtualNetworkName }),
  "azure-native:network:PublicIPAddress": () => ({ ipAddress: "203.0.113.30" }),
  "azure-native:managedidentity:UserAssignedIdentity": ({ resourceName }) => ({
    name: resourceName,
    principalId: `principal of ${String(resourceName)}`,
    clientId: `client of ${String(resourceName)}`,
  }),
  "azure-native:containerregistry:Registry": ({ registryName }) => ({
    name: registryName,
    loginServer: `${String(registryName)}.azurecr.io`,
  }),
  "azure-native:containerservice:ManagedCluster": ({ resourceName, oidcIssuerProfile }) => ({
    name: resourceName,
    identityProfile: { kubeletidentity: { objectId: `nodes of ${String(resourceName)}` } },
    oidcIssuerProfile: {
      ...(oidcIssuerProfile as object),
      issuerURL: `https://oidc.example/${String(resourceName)}/`,
    },
  }),
};

/** What Azure's functions answer, by token. */
export const azureAnswers: Readonly<Record<string, (inputs: Inputs) => object>> = {
  "azure-native:authorization:getClientConfig": () => ({
    objectId: "whoever runs the program",
    clientId: "a pipeline",
  }),
  "azure-native:authorization:getClientToken": () => ({ token: "entra's token" }),
  "azure-native:containerservice:listManagedClusterUserCredentials": ({ resourceName }) => ({
    kubeconfigs: [{ name: "clusterUser", value: credentials(String(resourceName)) }],
  }),
};

function credentials(cluster: string): string {
  return Buffer.from(
    JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [
        {
          name: cluster,
          cluster: {
            server: `https://${cluster}.hcp.eastus.azmk8s.io:443`,
            "certificate-authority-data": "Y2VydGlmaWNhdGU=",
          },
        },
      ],
      users: [{ name: "clusterUser", user: { token: "a token that must not be kept" } }],
    }),
  ).toString("base64");
}
