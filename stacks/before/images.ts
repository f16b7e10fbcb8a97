import * as pulumi from "@pulumi/pulumi";
import type { BuildArgs } from "../../components/images/content";
import { readKubeconfig } from "../../components/cluster/kubeconfig";
import type { Problem } from "../../components/problem";
import { localImage } from "../image/built";
import type { Stack } from "../stack";
import { refused } from "./state";

/** The names of all images on a cluster's nodes; undefined where nobody can tell. */
type ImagesOnNodes = (kubeconfig: string) => Promise<ReadonlySet<string> | undefined>;

/**
 * Refuses a preview of pods whose image nobody can pull, because it is built for this machine's cluster and not there. An `up` does not
 * ask: a node names an image some seconds after it was loaded, and `npm start` loads before it updates.
 * @param folder that the folders of builds start from
 */
export async function refuseMissingImages(
  { name, cluster, services, jobs }: Pick<Stack, "name" | "cluster" | "services" | "jobs">,
  imagesOnNodes: ImagesOnNodes,
  folder = ".",
): Promise<void> {
  if (!pulumi.runtime.isDryRun()) return;
  if (cluster.kind !== "existing" || cluster.registry !== "local") return;
  const sections: Record<string, Record<string, { build?: BuildArgs; pool?: string }>> = {
    services,
    jobs,
  };
  const wanted = Object.entries(sections).flatMap(([section, entries]) =>
    Object.entries(entries).flatMap(([entry, { build, pool = "" }]) => {
      if (!build) return [];
      const image = localImage(build, folder, cluster.pools[pool]?.arch);
      return [{ path: [section, entry, "build"], ...image }];
    }),
  );
  const there = wanted.length > 0 ? await imagesOnNodes(readKubeconfig(cluster)) : undefined;
  if (!there) return;
  const missing = wanted.filter(({ tag }) => !there.has(tag));
  if (missing.length > 0) {
    throw refused(...missing.map(({ path, tag }) => ({ path, ...missingImage(name, tag) })));
  }
}

function missingImage(stack: string, tag: string): Omit<Problem, "path"> {
  return {
    problem: "nobody has built the image for the nodes of this cluster, and no registry has it",
    found: tag,
    allowed: "an image that a node has",
    fix:
      stack === "dev"
        ? "run npm start, which builds it and loads it"
        : `if the cluster is the local one, run npm start -- ${stack}, which builds it and loads it; else build an image of this name and load it (kind load docker-image, or ctr), or set cluster.registry to a registry that the nodes pull from`,
  };
}
