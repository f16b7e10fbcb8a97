import type { ModelShape } from "../../catalog/model";
import { volumeAndFolder } from "../../values/mount";
import { entryProblem, type Service } from "../entry";
import type { ParsedStack } from "../parse";
import type { PoolSize } from "../pool/placement";
import type { FileProblem } from "../problems";

/** GiB of a node's disk for the image of an engine and for what runs on each node: own choice (docs/facts.md 22.4). */
const besidesWeights = 25;

/** Part of a node's disk that fills up before the kubelet evicts pods (docs/facts.md 22.4). */
const usable = 0.9;

/** Weights that a pod downloads onto the disk of a node that does not hold them: the kubelet evicts the pod, again and again. */
export function diskProblems(
  entry: Service,
  { name, weightsGiB }: ModelShape,
  pool: string | undefined,
  { scratchGiB }: Pick<PoolSize, "scratchGiB">,
  { volumes }: Pick<ParsedStack, "volumes">,
): FileProblem[] {
  const { model, cache } = entry.fields;
  const kept = cache === undefined ? undefined : volumes[volumeAndFolder(cache).volume];
  const isOnNode = model?.from === undefined && (!kept || kept.nodeCache !== undefined);
  const needed = (weightsGiB + besidesWeights) / usable;
  if (pool === undefined || scratchGiB === undefined || !isOnNode || needed <= scratchGiB)
    return [];
  const disk = `${Math.ceil(needed / 10) * 10}Gi`;
  return [
    {
      ...entryProblem(entry, ["model"], {
        problem: `does not fit on the disk of a node of pool ${pool}, onto which it is downloaded: ${Math.floor(scratchGiB)} GiB`,
        allowed: `a disk of ${disk} or more, for weights of ${Math.ceil(weightsGiB)} GiB and the image of the engine`,
        fix: `write disk: ${disk} in pool ${pool}, or keep the weights on a volume: cache, or from with a folder of a bucket`,
      }),
      found: `"${name}"`,
    },
  ];
}
