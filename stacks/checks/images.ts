import { existsSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isMap, valueAt } from "../lookup";
import { nothing, type Fault, type Path } from "../faults";
import { imageVersion } from "../values/image";
import { entryFault, type Entry } from "./entry";
import { readSidecars } from "./sidecars";

/** The stack that may leave versions of images out, because there they are made. */
const developmentStack = "dev";

/** What is wrong with an entry's image, or with what it is built from. */
export function imageFaults(
  entry: Entry,
  { stack, folder }: { stack: string; folder: string },
): Fault[] {
  const has = (key: string) => isMap(entry.raw) && Object.hasOwn(entry.raw, key);
  if (has("image") && has("build")) {
    return [
      entryFault(entry, ["build"], {
        what: "never together with image",
        allowed: "one of image and build",
        remedy: "remove image to build it here, or build to run one that exists",
      }),
    ];
  }
  if (has("build")) return buildFaults(entry, folder);
  if (!has("image")) return [missing(entry)];
  return versionFaults(entry, ["image"], entry.fields.image, stack);
}

/** What is wrong with the images of an entry's sidecars. */
export function sidecarImageFaults(entry: Entry, stack: string): Fault[] {
  return [...readSidecars(entry)].flatMap(([name, { fields }]) =>
    versionFaults(entry, ["sidecars", name, "image"], fields.image, stack),
  );
}

function missing(entry: Entry): Fault {
  return entryFault(entry, ["image"], {
    what: "missing",
    allowed:
      "[registry/]repository:tag or [registry/]repository@sha256:digest; or build in its place",
    remedy:
      "add it, for example image: registry.example/team/model:v1, or build: ./model for a folder with a Dockerfile",
  });
}

function buildFaults(entry: Entry, folder: string): Fault[] {
  if (entry.broken.has("build")) return [];
  const { context = "", dockerfile = "Dockerfile" } = entry.fields.build ?? {};
  const at = typeof valueAt(entry.raw, ["build"]) === "string" ? ["build"] : ["build", "context"];
  const there = existsSync(join(folder, context, dockerfile));
  if (there) return [];
  const path = join(folder, context);
  const isFile = existsSync(path) && statSync(path).isFile();
  if (isFile) {
    const of = dirname(context);
    const file = basename(context);
    return [
      entryFault(entry, at, {
        what: "a file, not a folder",
        allowed: aFolder,
        remedy:
          file === "Dockerfile" ? `write ${of}` : `write { context: ${of}, dockerfile: ${file} }`,
      }),
    ];
  }
  return [
    entryFault(entry, at, {
      what: `no ${dockerfile} in this folder`,
      allowed: aFolder,
      remedy: existsSync(join(folder, context))
        ? "write the Dockerfile, or say its path in the folder: { context, dockerfile }"
        : "correct the path",
    }),
  ];
}

const aFolder = "a folder of the checkout with a Dockerfile, as a path from the project's folder";

/** An existing cluster does not say of itself where its nodes pull from. */
export function registryFaults(file: string, cluster: unknown, entries: readonly Entry[]): Fault[] {
  if (!isMap(cluster) || cluster.kind !== "existing" || cluster.registry !== undefined) return [];
  const building = entries.filter(({ raw }) => valueAt(raw, ["build"]) !== undefined);
  if (building.length === 0) return [];
  const names = building.map(({ section, name }) => `${section}.${name}`).join(", ");
  return [
    {
      file,
      at: ["cluster", "registry"],
      what: `missing: nobody knows where to push the images of ${names}`,
      found: nothing,
      allowed: "a registry that the cluster's nodes may pull from",
      remedy:
        "add it, for example registry: registry.example/team; or push the images yourself and write image in place of build",
    },
  ];
}

function versionFaults(entry: Entry, at: Path, image: string | undefined, stack: string): Fault[] {
  const version = image === undefined ? undefined : imageVersion(image);
  if (!image || !version || version.digest || stack === developmentStack) return [];
  if (version.tag !== undefined && version.tag !== "latest") return [];
  const repository = image.replace(/:latest$/, "");
  return [
    entryFault(entry, at, {
      what: version.tag ? "tag latest: nobody can tell what runs" : "no tag or digest",
      allowed: `a tag other than latest, or a digest, in every stack but ${developmentStack}`,
      remedy: `name the version, for example "${repository}:v1"`,
    }),
  ];
}
