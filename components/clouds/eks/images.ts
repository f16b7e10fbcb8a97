import { getAuthorizationTokenOutput } from "@pulumi/aws/ecr/getAuthorizationToken";
import { Repository } from "@pulumi/aws/ecr/repository";
import * as pulumi from "@pulumi/pulumi";
import type { ImageRepository } from "../../cluster/cluster";
import type { EksPlace } from "./settings";

/** The cluster's own repository of one image in ECR; the nodes' role may pull (AmazonEC2ContainerRegistryPullOnly). */
export function ecrRepository(
  name: string,
  image: string,
  { clusterName, region, tags }: EksPlace,
  child: { parent: pulumi.Resource },
): ImageRepository {
  const { repositoryUrl, registryId } = new Repository(
    `${name}-images-${image}`,
    {
      region,
      name: `${clusterName}/${image}`,
      // A tag names one content for ever.
      imageTagMutability: "IMMUTABLE",
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfigurations: [{ encryptionType: "AES256" }],
      // Every image can be built again from its folder.
      forceDelete: true,
      tags,
    },
    child,
  );
  const token = getAuthorizationTokenOutput({ region, registryId }, child);
  return {
    repository: repositoryUrl,
    login: {
      address: repositoryUrl.apply((url) => url.split("/")[0] ?? url),
      username: token.userName,
      password: pulumi.secret(token.password),
    },
    // The cluster's objects come after its nodes' roles.
    dependsOn: [],
  };
}
