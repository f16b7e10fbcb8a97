import { getClientTokenOutput } from "@pulumi/azure-native/authorization/getClientToken";
import { Registry } from "@pulumi/azure-native/containerregistry";
import type { ManagedCluster } from "@pulumi/azure-native/containerservice";
import * as pulumi from "@pulumi/pulumi";
import type { ImageRepository } from "../../cluster/cluster";
import { guid } from "./names";
import type { Place } from "./place";
import { registryToken } from "./registry-token";
import { grant } from "./roles";

/** The cluster's own registry in Azure, from which its nodes may pull. It has no user of its own, only Entra identities. */
export class AksImages {
  private readonly registry: Registry;
  private readonly login: NonNullable<ImageRepository["login"]>;
  private readonly pulls: pulumi.Resource;

  constructor(name: string, place: Place, cluster: ManagedCluster) {
    const { resourceGroupName, location, tags, azureName, child } = place;
    this.registry = new Registry(
      `${name}-images`,
      {
        resourceGroupName,
        location,
        tags,
        // Letters and digits that no other registry in the world has.
        registryName: pulumi
          .all([place.subscription, resourceGroupName])
          .apply(
            (where) => `${azureName.replace(/-/g, "").slice(0, 30)}${guid(...where).slice(0, 8)}`,
          ),
        sku: { name: "Standard" },
        adminUserEnabled: false,
        anonymousPullEnabled: false,
      },
      child,
    );
    this.pulls = grant(
      `${name}-pulls`,
      place,
      {
        role: "AcrPull",
        principalId: cluster.identityProfile.apply(
          (identities) => identities?.kubeletidentity?.objectId ?? "",
        ),
        principalType: "ServicePrincipal",
        scope: this.registry.id,
      },
      child,
    );
    const { loginServer } = this.registry;
    this.login = {
      address: loginServer,
      // The name that a registry takes for a token in place of a user (Microsoft Learn, "Authenticate with a registry").
      username: "00000000-0000-0000-0000-000000000000",
      password: pulumi.secret(
        pulumi
          .all([loginServer, getClientTokenOutput({}, child).token])
          .apply(([server, token]) =>
            pulumi.runtime.isDryRun() ? "" : registryToken(server, token),
          ),
      ),
    };
  }

  /** Repository of one image. */
  repository(name: string): ImageRepository {
    return {
      repository: pulumi.interpolate`${this.registry.loginServer}/${name}`,
      login: this.login,
      dependsOn: [this.pulls],
    };
  }
}
