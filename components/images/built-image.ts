import { Image, Platform } from "@pulumi/docker-build";
import * as pulumi from "@pulumi/pulumi";
import { join } from "node:path";
import type { Architecture, ImageRepository } from "../cluster/cluster";
import { contentTag, type BuildArgs } from "./content";

const platforms = { amd64: Platform.Linux_amd64, arm64: Platform.Linux_arm64 } as const;

/**
 * Builds an image with BuildKit, pushes it to the cluster's registry and says its name, by digest, once its nodes may pull it:
 * what runs is what was built, for nodes of these architectures. A preview builds nothing. An image that is on the nodes already is only named.
 */
export function builtImage(
  name: string,
  build: BuildArgs,
  { repository, login, onNodes = false, dependsOn }: ImageRepository,
  architectures: readonly Architecture[] = ["amd64"],
  opts?: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const tag = contentTag(build);
  if (onNodes) return pulumi.interpolate`${repository}:${tag}`;
  const { context, dockerfile, target, args } = build;
  const { digest } = new Image(
    `${name}-image`,
    {
      context: { location: context },
      dockerfile: dockerfile === undefined ? undefined : { location: join(context, dockerfile) },
      target,
      buildArgs: args,
      platforms: architectures.map((arch) => platforms[arch]),
      tags: [pulumi.interpolate`${repository}:${tag}`],
      registries: login && [login],
      push: true,
      buildOnPreview: false,
    },
    opts,
  );
  // The name, and not the build, waits until nodes may pull: on a new cluster that takes longer than to build.
  const there = pulumi.all(dependsOn.map(({ urn }) => urn));
  return pulumi.all([repository, digest, there]).apply(([where, what]) => `${where}@${what}`);
}
