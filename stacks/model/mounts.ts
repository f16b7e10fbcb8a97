import { entryProblem, type Service } from "../entry";
import type { FileProblem } from "../problems";
import type { ServiceEntry } from "../schema";
import type { Path } from "../words";
import { modelFolder } from "./folder";
import type { Streamed } from "./streamed";

type Mounts = ServiceEntry["mounts"];

/** What a model is loaded from, and what is kept between its starts. */
export function mountsOf(
  { model, cache }: ServiceEntry,
  kept: { weights: string; compiled?: string },
  streamed?: Streamed,
): Mounts {
  const from = streamed ? undefined : model?.from;
  return {
    ...(from !== undefined && !from.startsWith("/") && { [modelFolder]: { volume: from } }),
    ...(cache !== undefined && {
      [kept.weights]: { volume: `${cache}/weights`, write: true },
      ...(kept.compiled !== undefined && {
        [kept.compiled]: { volume: `${cache}/compiled`, write: true },
      }),
    }),
  };
}

/** The key of the entry that each mount of a model follows from. */
export function mountedFor(mounts: Mounts): Record<string, Path> {
  return Object.fromEntries(
    Object.keys(mounts).map((path) => [path, path === modelFolder ? ["model", "from"] : ["cache"]]),
  );
}

/** Mounts of an entry at paths where its model mounts something. */
export function takenProblems(entry: Service, mounts: Mounts): FileProblem[] {
  return Object.entries(mountedFor(mounts)).flatMap(([path, key]) =>
    Object.hasOwn(entry.fields.mounts, path)
      ? entryProblem(entry, ["mounts", path], {
          problem: `the path at which ${key.join(".")} is mounted`,
          allowed: `a path other than ${Object.keys(mounts).join(", ")}`,
          fix: `mount it elsewhere, or remove ${key.join(".")}`,
        })
      : [],
  );
}
