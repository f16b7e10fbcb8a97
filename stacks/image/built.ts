import { createHash } from "node:crypto";
import { normalize } from "node:path/posix";
import type * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../../components/cluster/cluster";
import { localRepository } from "../../components/cluster/existing";
import { contentTag, inOrder, type BuildArgs } from "../../components/images/content";
import type { Stack } from "../stack";

type BuiltImage = typeof import("../../components/images/built-image");

// Only stacks that build load the builder's SDK.
declare function require(builder: "../../components/images/built-image"): BuiltImage;

/** The image of each entry: the one it names, or the one that is built for the cluster; entries that build the same share it. */
export function imagesFor(
  cluster: Cluster,
): (entry: { image?: string; build?: BuildArgs }) => pulumi.Input<string> {
  const built = new Map<string, pulumi.Output<string>>();
  return ({ image, build }) => {
    if (image !== undefined) return image;
    if (!build) throw new Error("an entry passed the checks without an image");
    const name = imageName(build);
    const { builtImage } = require("../../components/images/built-image");
    const made = built.get(name) ?? builtImage(name, build, cluster.imageRepository(name));
    built.set(name, made);
    return made;
  };
}

/** An image that somebody has to put on the nodes of this machine's cluster before its stack is deployed. */
export interface LocalImage extends BuildArgs {
  /** Name and tag that the stack's pods ask for. */
  tag: string;
}

/** The images of a stack whose registry is `local`; folders are found from `folder`, the project's. */
export function localImages({ services, jobs }: Stack, folder: string): LocalImage[] {
  const builds = [...Object.values(services), ...Object.values(jobs)].flatMap(
    ({ build }) => build ?? [],
  );
  const named = new Map(builds.map((build) => [imageName(build), build]));
  return [...named.values()].map((build) => localImage(build, folder));
}

/** The image that a pod on this machine's cluster asks for in place of one that is pushed. */
export function localImage(build: BuildArgs, folder: string): LocalImage {
  const whole = { ...build, context: `${folder}/${build.context}` };
  return { ...whole, tag: `${localRepository(imageName(build))}:${contentTag(whole)}` };
}

/** Name of what a folder is built to, with these settings: `./examples/digits` is `examples-digits`. */
function imageName({ context, args = {}, ...settings }: BuildArgs): string {
  const folder = normalize(context).replace(/\/$/, "");
  const name = folder
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  // Of folders such as a/b, a-b and A/b the name alone does not say which one is meant.
  const unclear = /^(?:\.|[a-z0-9]+(?:\/[a-z0-9]+)*)$/.test(folder) ? [] : [folder];
  const special = Object.keys(settings).length > 0 || Object.keys(args).length > 0;
  const hash = createHash("sha256")
    .update(JSON.stringify([settings, inOrder(args), ...unclear]))
    .digest("hex");
  return `${name || "project"}${special || unclear.length > 0 ? `-${hash.slice(0, 6)}` : ""}`;
}
