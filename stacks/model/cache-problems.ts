import type { ModelShape } from "../../catalog/model";
import { volumeAndFolder } from "../../values/mount";
import { bytes } from "../../values/units";
import { entryProblem, type Service } from "../entry";
import type { ParsedStack } from "../parse";
import { shown, type FileProblem } from "../problems";

/** GiB for what an engine compiles, and for files of the repository besides the weights. */
const besides = 15;

/** A volume that cannot keep what a service keeps between its starts; of buckets see docs/facts.md 3.49. */
export function cacheProblems(
  entry: Service,
  { name, weightsGiB }: ModelShape,
  { volumes }: Pick<ParsedStack, "volumes">,
): FileProblem[] {
  const { cache, model } = entry.fields;
  if (cache === undefined) return [];
  const { volume } = volumeAndFolder(cache);
  const { bucket, disk, nodeCache, memory } = volumes[volume] ?? {};
  // One pod at a time mounts a disk.
  const isOne = entry.count === 1 && (entry.fields.nodesPerReplica ?? 1) === 1;
  const said = shown(cache);
  if (bucket !== undefined) {
    return [
      {
        ...entryProblem(entry, ["cache"], {
          problem: "a bucket, in which files are not changed, renamed and locked as on a disk",
          allowed: isOne
            ? "a volume that is a disk, a claim or a nodeCache"
            : "a volume that is a nodeCache, or a claim that many nodes mount (access: any-node)",
          fix: `keep it on ${isOne ? "a disk, for example volumes: { kept: { disk: 100Gi } }" : "a claim, for example volumes: { kept: { claim: shared-files, access: any-node } }"} and cache: kept/weights; weights that are in the bucket are named by from`,
        }),
        found: said,
      },
    ];
  }
  const size = disk ?? nodeCache ?? memory;
  // Weights that come from elsewhere are not kept.
  if (size === undefined || model?.from !== undefined) return [];
  if (bytes(size) >= weightsGiB * 1024 ** 3) return [];
  const enough = `${Math.ceil(weightsGiB * 1.1) + besides}Gi`;
  return [
    {
      ...entryProblem(entry, ["cache"], {
        problem: `too small: the weights of ${name} have ${Math.ceil(weightsGiB)} GiB, and ${volume} has ${size}`,
        allowed: "a volume that holds the weights and what the engine compiles",
        fix: `write ${enough} as the size of ${volume} under volumes, or remove cache`,
      }),
      found: said,
    },
  ];
}
