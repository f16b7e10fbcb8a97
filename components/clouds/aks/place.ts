import { ResourceGroup } from "@pulumi/azure-native/resources";
import type * as pulumi from "@pulumi/pulumi";

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

/** Makes the cluster's own resource group. */
export function makePlace(
  name: string,
  { azureName, region, tags, protect }: PlaceArgs,
  child: Place["child"],
): Place {
  const group = new ResourceGroup(
    `${name}-group`,
    { resourceGroupName: azureName, location: region, tags },
    { ...child, protect },
  );
  return {
    resourceGroupName: group.name,
    // /subscriptions/<id>/resourceGroups/<name>
    subscription: group.id.apply((id) => id.split("/")[2] ?? ""),
    location: region,
    ...{ tags, azureName, child },
  };
}

/** What a place is made from. */
interface PlaceArgs extends Pick<Place, "azureName" | "tags"> {
  region: string;
  /** Whether Pulumi refuses to delete the group. */
  protect: boolean;
}
