import type { RoleAssignment } from "@pulumi/azure-native/authorization";
import { UserAssignedIdentity } from "@pulumi/azure-native/managedidentity";
import type * as pulumi from "@pulumi/pulumi";
import type { ManagedPool } from "../managed";
import { guid } from "./names";
import type { Place } from "./place";
import type { ProximityGroups } from "./placement";
import { grant } from "./roles";

/** The identity the cluster acts with: it joins nodes to the subnet, and puts them on reservations and into proximity groups. */
export function makeIdentity(
  name: string,
  place: Place,
  subnet: pulumi.Output<string>,
  pools: Readonly<Record<string, ManagedPool>>,
  proximity: ProximityGroups,
): { identity: UserAssignedIdentity; rights: RoleAssignment[] } {
  const { resourceGroupName, location, tags, azureName, child } = place;
  const identity = new UserAssignedIdentity(
    `${name}-identity`,
    { resourceName: azureName, resourceGroupName, location, tags },
    child,
  );
  const principal = {
    principalId: identity.principalId,
    principalType: "ServicePrincipal",
  } as const;
  const inNetwork = grant(
    `${name}-in-network`,
    place,
    { role: "Network Contributor", ...principal, scope: subnet },
    child,
  );
  const reservations = Object.values(pools)
    .flatMap(({ capacity }) => capacity)
    .flatMap((type) => ("reservation" in type ? [type.reservation] : []));
  // Azure may take minutes to heed these, about as long as it takes to make the cluster that waits for them.
  const onReservations = [...new Set(reservations)].map((scope) =>
    grant(
      `${name}-on-${guid(scope).slice(0, 8)}`,
      place,
      { role: "Contributor", ...principal, scope },
      child,
    ),
  );
  const inProximity = Object.entries(proximity).map(([pool, scope]) =>
    grant(
      `${name}-${pool}-in-proximity`,
      place,
      { role: "Contributor", ...principal, scope },
      child,
    ),
  );
  return { identity, rights: [inNetwork, ...onReservations, ...inProximity] };
}
