import { Repository } from "@pulumi/gcp/artifactregistry/repository";
import { getClientConfigOutput } from "@pulumi/gcp/organizations/getClientConfig";
import * as pulumi from "@pulumi/pulumi";
import { registryApi } from "../../../catalog/gke";
import type { ImageRepository } from "../../cluster/cluster";
import type { ClusterSettings } from "./control-plane";
import { enabledApi } from "./foundation";

/**
 * Gives repositories of images in the cluster's own Docker repository in Artifact Registry, which is made for the first of them. The
 * nodes' service account may read it (roles/artifactregistry.reader).
 */
export function imageRepositories(
  name: string,
  { clusterName, project, region, labels }: ClusterSettings,
  apis: pulumi.Resource[],
  child: { parent: pulumi.Resource },
): (image: string) => ImageRepository {
  let registry: Repository | undefined;
  return (image) => {
    registry ??= makeRegistry();
    const { registryUri } = registry;
    // Whoever runs the program may push, with the token that it already has.
    const { accessToken } = getClientConfigOutput(child);
    return {
      repository: pulumi.interpolate`${registryUri}/${image}`,
      login: {
        address: registryUri.apply((uri) => uri.split("/")[0] ?? uri),
        username: "oauth2accesstoken",
        password: pulumi.secret(accessToken),
      },
      // The cluster's objects come after its nodes' roles.
      dependsOn: [],
    };
  };

  function makeRegistry(): Repository {
    const api = enabledApi(
      `${name}-api-images`,
      { project, service: registryApi },
      { ...child, dependsOn: apis },
    );
    return new Repository(
      `${name}-images`,
      {
        project,
        location: region,
        repositoryId: clusterName,
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
}
