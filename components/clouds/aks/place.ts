import { RoleAssignment } from "@pulumi/azure-native/authorization";
import { ResourceGroup } from "@pulumi/azure-native/resources";
import * as pulumi from "@pulumi/pulumi";
import type { ManagedClusterArgs, SystemPool } from "../managed";
import { guid } from "./names";
import type { AksPool } from "./schema";

/** Where the parts of one cluster go, and whose they are. */
export interface Place {
  /** Resource group of everything but the nodes. */
  resourceGroupName: pulumi.Output<string>;
  /** Subscription of that group, by id. */
  subscription: pulumi.Output<string>;
  /** Region. */
  location: string;
  /** Tags of everything that costs money. */
  tags: Record<string, string>;
  /** Name of the cluster in Azure; its parts have names of their own that begin with it. */
  azureName: string;
  /** Options of every resource. */
  child: { parent: pulumi.Resource };
}

/** What is said of a cluster, with its defaults. */
export interface AksSettings extends ManagedClusterArgs {
  /** Name in Azure. */
  clusterName: string;
  deletionProtection: boolean;
  tags: Record<string, string>;
  /** Object ids of the Entra groups that may do everything in the cluster. @default none */
  adminGroups?: string[];
  /** Nodes for pods that need no pool. */
  system: Required<SystemPool>;
  /** Machine of the nodes for AKS's own pods. */
  firstMachine: string;
  /** Zones of nodes without GPUs; undefined where the region has none. */
  plainZones: string[] | undefined;
  /** Pools, by name, each with its zones. */
  pools: Record<string, AksPool>;
}

/** Makes the cluster's own resource group. */
export function makePlace(
  name: string,
  { region, clusterName, tags, deletionProtection }: AksSettings,
  child: Place["child"],
): Place {
  const group = new ResourceGroup(
    `${name}-group`,
    { resourceGroupName: clusterName, location: region, tags },
    { ...child, protect: deletionProtection },
  );
  return {
    resourceGroupName: group.name,
    // /subscriptions/<id>/resourceGroups/<name>
    subscription: group.id.apply((id) => id.split("/")[2] ?? ""),
    location: region,
    ...{ tags, azureName: clusterName, child },
  };
}

/** Azure's built-in roles that we give, by id (docs/facts.md, values written into AKS). */
export const roles = {
  "Network Contributor": "4d97b98b-1d4f-4787-a291-c67834d212e7",
  AcrPull: "7f951dda-4ed3-4680-a7ca-43fe172d538d",
  Contributor: "b24988ac-6180-42a0-ab88-20f7382dd24c",
  "Storage Blob Data Reader": "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
  "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
  "Azure Kubernetes Service RBAC Cluster Admin": "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b",
} as const;

/** Who gets which role where. */
interface Grant {
  role: keyof typeof roles;
  /** Id of the principal. */
  principalId: pulumi.Input<string>;
  /** Kind of the principal, which Azure cannot look up yet for an identity made a moment ago. @default "ServicePrincipal" */
  principalType?: pulumi.Input<"ServicePrincipal" | "User">;
  /** Id of the resource the role is for. */
  scope: pulumi.Input<string>;
}

/** Gives a role. */
export function grant(
  name: string,
  { subscription, child }: Place,
  { role, principalId, principalType = "ServicePrincipal", scope }: Grant,
  opts: pulumi.CustomResourceOptions = child,
): RoleAssignment {
  const roleId = roles[role];
  return new RoleAssignment(
    name,
    {
      // Azure refuses the same grant under another name, and the provider one that exists under this name: `npm run adopt` takes it up.
      roleAssignmentName: pulumi
        .all([scope, principalId])
        .apply(([where, who]) => guid(where, who, roleId)),
      ...{ principalId, principalType, scope },
      roleDefinitionId: pulumi.interpolate`/subscriptions/${subscription}/providers/Microsoft.Authorization/roleDefinitions/${roleId}`,
    },
    opts,
  );
}
