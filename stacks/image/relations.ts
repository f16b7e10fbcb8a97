import { existsSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { entryProblem, isService, type Entry } from "../entry";
import type { FileProblem } from "../problems";
import type { Path } from "../words";
import type { AnyCluster } from "../schema";
import { imageVersion } from "../../values/image";

/** The stack that may leave versions of images out, because there they are made. */
const developmentStack = "dev";

/** What is wrong with the images of an entry, or with what one is built from. */
export function imageProblems(
  entry: Entry,
  { stack, folder }: { stack: string; folder: string },
): FileProblem[] {
  return [
    ...ownProblems(entry, stack, folder),
    ...(entry.fields.initContainers ?? []).flatMap(({ image }, place) =>
      versionProblems(entry, ["initContainers", place, "image"], image, stack),
    ),
    ...Object.entries(entry.fields.sidecars).flatMap(([name, { image }]) =>
      versionProblems(entry, ["sidecars", name, "image"], image, stack),
    ),
  ];
}

function ownProblems(entry: Entry, stack: string, folder: string): FileProblem[] {
  const { image, build } = entry.fields;
  if (image !== undefined && build !== undefined) {
    const words = {
      problem: "never together with image",
      allowed: "one of image and build",
      fix: "remove image to build it here, or build to run one that exists",
    };
    return [entryProblem(entry, ["build"], words)];
  }
  if (image !== undefined) return versionProblems(entry, ["image"], image, stack);
  if (build !== undefined) return buildProblems(entry, build, folder);
  // The engine of a model brings its image.
  if (isService(entry) && entry.fields.model !== undefined) return [];
  const words = {
    problem: "missing",
    allowed:
      "[registry/]repository:tag or [registry/]repository@sha256:digest; or build in its place",
    fix: "add it, for example image: registry.example/team/model:v1, or build: ./model for a folder with a Dockerfile",
  };
  return [entryProblem(entry, ["image"], words)];
}

function buildProblems(
  entry: Entry,
  { context, dockerfile = "Dockerfile" }: { context: string; dockerfile?: string },
  folder: string,
): FileProblem[] {
  const path = join(folder, context);
  if (existsSync(join(path, dockerfile))) return [];
  const allowed = "a folder of the checkout with a Dockerfile, as a path from the project's folder";
  const refused = (problem: string, fix: string) => [
    entryProblem(entry, ["build"], { problem, allowed, fix }),
  ];
  if (existsSync(path) && statSync(path).isFile()) {
    const [of, file] = [dirname(context), basename(context)];
    const written = file === "Dockerfile" ? of : `{ context: ${of}, dockerfile: ${file} }`;
    return refused("a file, not a folder", `write ${written}`);
  }
  const fix = existsSync(path)
    ? "write the Dockerfile, or say its path in the folder: { context, dockerfile }"
    : "correct the path";
  return refused(`no ${dockerfile} in this folder`, fix);
}

/** An existing cluster does not say of itself where its nodes pull from. */
export function registryProblems(
  file: string,
  cluster: AnyCluster,
  entries: readonly Entry[],
): FileProblem[] {
  const building = entries.filter(({ fields }) => fields.build !== undefined);
  if (cluster.kind !== "existing" || cluster.registry !== undefined || building.length === 0) {
    return [];
  }
  const names = building.map(({ section, name }) => `${section}.${name}`).join(", ");
  return [
    {
      ...{ file, path: ["cluster", "registry"] },
      problem: `missing: nobody knows where to push the images of ${names}`,
      allowed: "a registry that the cluster's nodes may pull from",
      fix: "add it, for example registry: registry.example/team; or push the images yourself and write image in place of build",
    },
  ];
}

function versionProblems(entry: Entry, at: Path, image: string, stack: string): FileProblem[] {
  const { tag, digest } = imageVersion(image) ?? {};
  if (digest !== undefined || stack === developmentStack) return [];
  if (tag !== undefined && tag !== "latest") return [];
  const repository = image.replace(/:latest$/, "");
  return [
    entryProblem(entry, at, {
      problem: tag ? "tag latest: nobody can tell what runs" : "no tag or digest",
      allowed: `a tag other than latest, or a digest, in every stack but ${developmentStack}`,
      fix: `name the version, for example "${repository}:v1"`,
    }),
  ];
}
