import { existsSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { entryProblem, type Entry } from "../entry";
import { type FileProblem } from "../problems";
import { nothing, type Path } from "../words";
import type { AnyCluster } from "../schema";
import { imageVersion } from "../../values/image";

/** The stack that may leave versions of images out, because there they are made. */
const developmentStack = "dev";

/** What is wrong with the images of an entry, or with what one is built from. */
export function imageProblems(
  entry: Entry,
  { stack, folder }: { stack: string; folder: string },
): FileProblem[] {
  const { image, build, sidecars } = entry.fields;
  return [
    ...(image !== undefined && build !== undefined ? [bothProblem(entry)] : []),
    ...(image === undefined && build === undefined ? [neitherProblem(entry)] : []),
    ...(image === undefined && build !== undefined ? buildProblems(entry, build, folder) : []),
    ...(build === undefined && image !== undefined
      ? versionProblems(entry, ["image"], image, stack)
      : []),
    ...Object.entries(sidecars).flatMap(([name, sidecar]) =>
      versionProblems(entry, ["sidecars", name, "image"], sidecar.image, stack),
    ),
  ];
}

function bothProblem(entry: Entry): FileProblem {
  return entryProblem(entry, ["build"], {
    problem: "never together with image",
    allowed: "one of image and build",
    fix: "remove image to build it here, or build to run one that exists",
  });
}

function neitherProblem(entry: Entry): FileProblem {
  return entryProblem(entry, ["image"], {
    problem: "missing",
    allowed:
      "[registry/]repository:tag or [registry/]repository@sha256:digest; or build in its place",
    fix: "add it, for example image: registry.example/team/model:v1, or build: ./model for a folder with a Dockerfile",
  });
}

function buildProblems(
  entry: Entry,
  { context, dockerfile = "Dockerfile" }: { context: string; dockerfile?: string },
  folder: string,
): FileProblem[] {
  if (existsSync(join(folder, context, dockerfile))) return [];
  const allowed = "a folder of the checkout with a Dockerfile, as a path from the project's folder";
  const path = join(folder, context);
  if (existsSync(path) && statSync(path).isFile()) {
    const [of, file] = [dirname(context), basename(context)];
    return [
      entryProblem(entry, ["build"], {
        problem: "a file, not a folder",
        allowed,
        fix:
          file === "Dockerfile" ? `write ${of}` : `write { context: ${of}, dockerfile: ${file} }`,
      }),
    ];
  }
  return [
    entryProblem(entry, ["build"], {
      problem: `no ${dockerfile} in this folder`,
      allowed,
      fix: existsSync(path)
        ? "write the Dockerfile, or say its path in the folder: { context, dockerfile }"
        : "correct the path",
    }),
  ];
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
      ...{ file, path: ["cluster", "registry"], found: nothing },
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
