import { RoleAssignment } from "@pulumi/azure-native/authorization";
import * as pulumi from "@pulumi/pulumi";
import { guid } from "./names";
import type { Place } from "./place";

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
export interface Grant {
  role: keyof typeof roles;
  /** Id of the principal. */
  principalId: pulumi.Input<string>;
  /** Kind of the principal, which Azure cannot look up yet for an identity made a moment ago; the SDK's default is a user. */
  principalType: pulumi.Input<"ServicePrincipal" | "User">;
  /** Id of the resource the role is for. */
  scope: pulumi.Input<string>;
}

/** Gives a role. */
export function grant(
  name: string,
  { subscription }: Place,
  { role, principalId, principalType, scope }: Grant,
  opts: pulumi.CustomResourceOptions,
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
