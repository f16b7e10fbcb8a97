import { Repository } from "@pulumi/gcp/artifactregistry/repository";
import { getClientConfigOutput } from "@pulumi/gcp/organizations/getClientConfig";
import * as pulumi from "@pulumi/pulumi";
import { registryApi } from "../../../catalog/gke";
import type { ImageRepository } from "../../cluster/cluster";
import { enabledApi } from "./apis";

/** Where the registry is. */
export interface RegistryPlace {
  /** Name of the repository in the project. */
  registryName: string;
  project: string;
  region: string;
  /** Labels of everything that costs money. */
  labels: Record<string, string>;
}

/** The cluster's own Docker repository in Artifact Registry, which the nodes' service account may read (roles/artifactregistry.reader). */
export class GkeImages {
  private readonly registry: Repository;

  constructor(
    name: string,
    place: RegistryPlace,
    private readonly child: { parent: pulumi.Resource },
    apis: pulumi.Resource[],
  ) {
    const { registryName, project, region, labels } = place;
    const api = enabledApi(
      `${name}-api-images`,
      { project, service: registryApi },
      { ...child, dependsOn: apis },
    );
    this.registry = new Repository(
      `${name}-images`,
      {
        project,
        location: region,
        repositoryId: registryName,
        format: "DOCKER",
        // A tag names one content for ever.
        dockerConfig: { immutableTags: true },
        // Scans what is pushed where the project has the Container Scanning API on.
        vulnerabilityScanningConfig: { enablementConfig: "INHERITED" },
        labels,
      },
      { ...child, dependsOn: [api] },
    );
  }

  /** Repository of one image. */
  repository(name: string): ImageRepository {
    const { registryUri } = this.registry;
    // Whoever runs the program may push, with the token that it already has.
    const { accessToken } = getClientConfigOutput(this.child);
    return {
      repository: pulumi.interpolate`${registryUri}/${name}`,
      login: {
        address: registryUri.apply((uri) => uri.split("/")[0] ?? uri),
        username: "oauth2accesstoken",
        password: pulumi.secret(accessToken),
      },
      // The cluster's objects come after its nodes' roles.
      dependsOn: [],
    };
  }
}
