import type { ModelShape } from "../../catalog/model";
import { spare } from "../../components/workload/spare";
import { volumeAndFolder } from "../../values/mount";
import { entryProblem, type Service } from "../entry";
import type { ParsedStack } from "../parse";
import type { PoolSize } from "../pool/placement";
import type { FileProblem } from "../problems";
import type { ServiceEntry } from "../schema";

/** GiB of a node's disk for the image of an engine and for what runs on each node: own choice (docs/facts.md 22.4). */
const besidesWeights = 25;

/** Part of a node's disk that fills up before the kubelet evicts pods (docs/facts.md 22.4). */
const usable = 0.9;

/**
 * Weights that are on the disk of a node which does not hold them: the kubelet evicts their pods, again and again. Each pod downloads
 * its own; of those in an image, the node has one. `entry` is what follows from the model, `size` that of its pool.
 */
export function diskProblems(
  entry: Service,
  { name, weightsGiB }: ModelShape,
  size: PoolSize | undefined,
  { volumes }: Pick<ParsedStack, "volumes">,
): FileProblem[] {
  const { fields } = entry;
  const where = whereOnNode(fields, volumes);
  const { scratchGiB } = size ?? {};
  if (!size || where === undefined || scratchGiB === undefined) return [];
  const copies = where === "downloaded" ? podsOnNode(entry, size) : 1;
  const needed = (copies * weightsGiB + besidesWeights) / usable;
  if (needed <= scratchGiB) return [];
  const { pool } = fields;
  const disk = `${Math.ceil(needed / 10) * 10}Gi`;
  const each = `weights of ${Math.ceil(weightsGiB)} GiB`;
  const copiesText =
    copies === 1
      ? each
      : `${copies} pods that a node has during a rollout, each with its own ${each},`;
  const how = where === "downloaded" ? "onto which it is downloaded" : "on which its image is";
  return [
    {
      ...entryProblem(entry, ["model"], {
        problem: `does not fit on the disk of a node of pool ${pool}, ${how}: ${Math.floor(scratchGiB)} GiB`,
        allowed: `a disk of ${disk} or more, for ${copiesText} and the image of the engine`,
        fix: `write disk: ${disk} in pool ${pool}, or keep the weights on a volume: cache, or from with a folder of a bucket`,
      }),
      found: `"${name}"`,
    },
  ];
}

/** How weights come onto the disk of a node; undefined: they are on a volume. */
function whereOnNode(
  { model, cache, mounts }: ServiceEntry,
  volumes: ParsedStack["volumes"],
): "downloaded" | "image" | undefined {
  const { from } = model ?? {};
  if (from === undefined) {
    const kept = cache === undefined ? undefined : volumes[volumeAndFolder(cache).volume];
    return !kept || kept.nodeCache !== undefined ? "downloaded" : undefined;
  }
  const isMounted = Object.keys(mounts).some((at) => from === at || from.startsWith(`${at}/`));
  return from.startsWith("/") && !isMounted ? "image" : undefined;
}

/** The most pods of an entry that one node has, the new one of a rollout among them. */
function podsOnNode({ demand, count }: Service, size: PoolSize): number {
  const slots = spare({ ...size, maxNodes: 1 }, [], demand);
  return Math.max(1, Math.min(slots, count + 1));
}
