import {
  getClientConfigOutput,
  getClientTokenOutput,
  type RoleAssignment,
} from "@pulumi/azure-native/authorization";
import {
  listManagedClusterUserCredentialsOutput,
  type ManagedCluster,
} from "@pulumi/azure-native/containerservice";
import * as pulumi from "@pulumi/pulumi";
import { parseDocument } from "yaml";
import { z } from "zod";
import { execKubeconfig } from "../exec-kubeconfig";
import { parsedJson } from "../json";
import { grant, type Place } from "./place";

/** Makes the identity that runs this program an administrator, whoever else is; another one that runs it later leaves it so. */
export function makeAdmin(name: string, place: Place, cluster: ManagedCluster): RoleAssignment {
  const who = getClientConfigOutput(place.child);
  return grant(
    `${name}-admin`,
    place,
    {
      role: "Azure Kubernetes Service RBAC Cluster Admin",
      principalId: who.objectId,
      principalType: getClientTokenOutput({}, place.child).token.apply(principalTypeOf),
      scope: cluster.id,
    },
    { ...place.child, ignoreChanges: ["principalId", "principalType", "roleAssignmentName"] },
  );
}

/** Kubeconfig of the cluster. */
export function kubeconfigOf(place: Place, cluster: ManagedCluster): pulumi.Output<string> {
  const { kubeconfigs } = listManagedClusterUserCredentialsOutput(
    { resourceGroupName: place.resourceGroupName, resourceName: cluster.name, format: "exec" },
    place.child,
  );
  return pulumi.secret(
    kubeconfigs.apply(([first]) =>
      entraKubeconfig(place.azureName, Buffer.from(first?.value ?? "", "base64").toString("utf8")),
    ),
  );
}

/** What Azure hands out for a cluster, as far as we need it. */
const handedOut = z.object({
  clusters: z
    .array(
      z.object({
        cluster: z.object({ server: z.string(), "certificate-authority-data": z.string() }),
      }),
    )
    .min(1),
});

/** Application that stands for the API server of every AKS cluster (Azure/kubelogin, README). */
const serverId = "6dae42f8-4368-4678-94ff-3960e28e3630";

/**
 * Kubeconfig that gets a short-lived Entra token for each use. kubelogin takes the login of the Azure command line, which
 * people and pipelines both have; `AAD_LOGIN_METHOD` in the environment chooses another one. What cannot be read is handed on:
 * Azure's own text, which asks kubelogin too.
 */
export function entraKubeconfig(name: string, credentials: string): string {
  const read = handedOut.safeParse(parseDocument(credentials).toJS());
  const cluster = read.data?.clusters[0]?.cluster;
  if (!cluster) return credentials;
  return execKubeconfig({
    name,
    cluster,
    exec: {
      command: "kubelogin",
      args: ["get-token", "--server-id", serverId, "--login", "azurecli"],
      provideClusterInfo: false,
      installHint:
        "kubelogin gets tokens of Microsoft Entra: https://azure.github.io/kubelogin/install.html",
    },
  });
}

/** What an Entra token says of who uses Azure through it, as far as we need it. */
const claims = z.object({ scp: z.string().optional() });

/**
 * Kind of principal that a token of Azure's API is of. A person's token has a scope, whichever program it was asked with (the
 * command line, Cloud Shell, an editor); that of an application or managed identity has none (docs/facts.md 4.19).
 */
export function principalTypeOf(token: string): "User" | "ServicePrincipal" {
  const [, payload = ""] = token.split(".");
  const read = claims.safeParse(parsedJson(Buffer.from(payload, "base64url").toString("utf8")));
  return read.data?.scp === undefined ? "ServicePrincipal" : "User";
}
