import {
  getClientConfigOutput,
  getClientTokenOutput,
  ManagementLockByScope,
  type RoleAssignment,
} from "@pulumi/azure-native/authorization";
import {
  listManagedClusterUserCredentialsOutput,
  type ManagedCluster,
} from "@pulumi/azure-native/containerservice";
import * as pulumi from "@pulumi/pulumi";
import { entraKubeconfig } from "./kubeconfig";
import type { Place } from "./place";
import { principalTypeOf } from "./principal";
import { grant } from "./roles";

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

/** Makes Azure refuse the deletion, whoever asks for it. */
export function lock(
  name: string,
  cluster: ManagedCluster,
  opts: pulumi.CustomResourceOptions,
): void {
  new ManagementLockByScope(
    `${name}-lock`,
    {
      lockName: "gpu-serving",
      scope: cluster.id,
      level: "CanNotDelete",
      notes:
        "Set deletionProtection to false in the stack file before the cluster or one of its pools is deleted.",
    },
    opts,
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

/** Who signs the tokens of the cluster's service accounts. */
export function issuerOf(cluster: ManagedCluster): pulumi.Output<string> {
  return cluster.oidcIssuerProfile.apply((profile) => profile?.issuerURL ?? "");
}
