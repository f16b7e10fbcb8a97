import { bytes } from "../../values/units";
import type { ParsedStack } from "../parse";
import type { OwnNodes, PoolSizes } from "../pool/placement";
import { nodesForAll } from "../pool/node-size";
import type { FileProblem } from "../problems";

/**
 * A Prometheus with more memory than any node has that takes pods of no pool. Where the cluster exists, it is told and not refused: it may
 * have nodes that nobody described.
 */
export function monitoringSizeProblems(
  { cluster, observability }: Pick<ParsedStack, "cluster" | "observability">,
  pools: PoolSizes,
  own: OwnNodes | undefined,
): FileProblem[] {
  if (!observability || observability.existing) return [];
  const { memory } = observability;
  const nodes = nodesForAll(pools, own);
  const [largest] = (nodes ?? []).sort((a, b) => b.room.memoryMiB - a.room.memoryMiB);
  if (!largest || bytes(memory) <= largest.room.memoryMiB * 1024 ** 2) return [];
  const isKnown = cluster.kind !== "existing";
  const problem = `more than any ${isKnown ? "" : "described "}node has that takes pods of no pool`;
  const allowed = `at most ${largest.room.memoryMiB}Mi: what ${largest.what} leaves`;
  return [
    {
      path: ["observability", "memory"],
      problem: isKnown ? problem : `${problem}; ${allowed}`,
      found: memory,
      allowed,
      fix: isKnown
        ? "lower it, or declare a pool of larger machines without GPUs under pools, or a larger machine of cluster.system"
        : "lower it, or describe larger nodes under pools",
      ...(!isKnown && { warning: true }),
    },
  ];
}
