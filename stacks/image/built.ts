import { createHash } from "node:crypto";
import { normalize } from "node:path/posix";
import type * as pulumi from "@pulumi/pulumi";
import type { Architecture, Cluster } from "../../components/cluster/cluster";
import { isOpen } from "../../components/clouds/cpu-pools";
import type { ManagedPool } from "../../components/clouds/managed";
import { systemPoolOf } from "../../components/clouds/system-pool";
import { localRepository } from "../../components/cluster/existing";
import { choosePool } from "../../components/workload/placement-problems";
import { contentTag, inOrder, type BuildArgs } from "../../components/images/content";
import type { Stack } from "../stack";

type BuiltImage = typeof import("../../components/images/built-image");

// Only stacks that build load the builder's SDK.
declare function require(builder: "../../components/images/built-image"): BuiltImage;

/**
 * The image of each entry: the one it names, or the one that is built for the cluster; entries that build the same for the same nodes
 * share it.
 * @param own architectures of the nodes that pods run on which name no pool
 */
export function imagesFor(
  cluster: Cluster,
  own: readonly Architecture[] = ["amd64"],
): (entry: {
  image?: string;
  build?: BuildArgs;
  gpus: number;
  pool?: string;
}) => pulumi.Input<string> {
  const built = new Map<string, pulumi.Output<string>>();
  return ({ image, build, ...entry }) => {
    if (image !== undefined) return image;
    if (!build) throw new Error("an entry passed the checks without an image");
    // Of the cluster of another stack only this run knows which pool the GPUs are on.
    const { name: pool = "" } = choosePool(entry, cluster.pools);
    const placed = cluster.pools[pool];
    const architectures = placed ? [placed.arch ?? "amd64"] : own;
    const name = imageName(build, architectures);
    const { builtImage } = require("../../components/images/built-image");
    const made =
      built.get(name) ?? builtImage(name, build, cluster.imageRepository(name), architectures);
    built.set(name, made);
    return made;
  };
}

/** Architectures of the nodes that pods run on which name no pool: the cluster's own, and those of pools that are open to them. */
export function ownArchitectures(cluster: Stack["cluster"]): Architecture[] {
  if (cluster.kind === "existing") return ["amd64"];
  const { arch } = systemPoolOf(cluster.kind, cluster.system).machine;
  const open = Object.values<ManagedPool>(cluster.pools).filter(isOpen);
  return [...new Set([arch, ...open.map(({ machine }) => machine.arch)])].sort();
}

/** An image that somebody has to put on the nodes of this machine's cluster before its stack is deployed. */
export interface LocalImage extends BuildArgs {
  /** Name and tag that the stack's pods ask for. */
  tag: string;
}

/** The images of a stack whose registry is `local`; folders are found from `folder`, the project's. */
export function localImages({ cluster, services, jobs }: Stack, folder: string): LocalImage[] {
  const pools = cluster.kind === "existing" ? cluster.pools : {};
  const entries = [...Object.values(services), ...Object.values(jobs)];
  const all = entries.flatMap(({ build, pool = "" }) =>
    build ? localImage(build, folder, pools[pool]?.arch) : [],
  );
  return [...new Map(all.map((image) => [image.tag, image])).values()];
}

/** The image that a pod on this machine's cluster asks for in place of one that is pushed. */
export function localImage(build: BuildArgs, folder: string, arch?: Architecture): LocalImage {
  const whole = { ...build, context: `${folder}/${build.context}` };
  return {
    ...whole,
    tag: `${localRepository(imageName(build, arch && [arch]))}:${contentTag(whole)}`,
  };
}

/** Name of what a folder is built to, with these settings and for these nodes: `./examples/digits` is `examples-digits`. */
function imageName(
  { context, args = {}, ...settings }: BuildArgs,
  architectures: readonly Architecture[] = ["amd64"],
): string {
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
  const suffix = special || unclear.length > 0 ? `-${hash.slice(0, 6)}` : "";
  const isUsual = architectures.join() === "amd64";
  return `${name || "project"}${suffix}${isUsual ? "" : `-${architectures.join("-")}`}`;
}
