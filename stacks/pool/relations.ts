import { offeredGpus } from "../../catalog/sharing";
import type { ManagedPool } from "../../components/clouds/managed";
import { offeredBy } from "../../components/cluster/described-pool";
import { existingPoolProblems } from "../../components/cluster/existing-pools";
import type { ParsedStack } from "../parse";
import type { FileProblem } from "../problems";
import { allDescribed } from "./described";
import type { PoolSizes } from "./placement";

/** The pools of the cluster that we make, by name. */
export function managedPools({
  cluster,
}: Pick<ParsedStack, "cluster">): Readonly<Record<string, ManagedPool>> {
  return cluster.kind === "existing" ? {} : cluster.pools;
}

/** What entries can be placed on; undefined where another stack knows. */
export function poolSizes({ cluster }: Pick<ParsedStack, "cluster">): PoolSizes | undefined {
  if (cluster.kind !== "existing") {
    return Object.fromEntries(
      Object.entries<ManagedPool>(cluster.pools).map(([name, { machine, sharing, nodes }]) => {
        const offered = offeredGpus(machine, sharing);
        return [name, offered && { ...offered, maxNodes: nodes.max }];
      }),
    );
  }
  if (cluster.stack !== undefined) return undefined;
  return Object.fromEntries(
    Object.entries(allDescribed(cluster.pools)).map(([name, pool]) => [
      name,
      { ...offeredBy(pool), maxNodes: pool.nodes.max },
    ]),
  );
}

/** What is wrong with pools that a cluster of others has, or that it lacks. */
export function describedProblems(
  file: string,
  { cluster }: Pick<ParsedStack, "cluster">,
): FileProblem[] {
  if (cluster.kind !== "existing") return [];
  const names = Object.keys(cluster.pools);
  if (cluster.stack !== undefined && names.length > 0) {
    return [
      {
        ...{ file, path: ["pools"], found: names.join(", ") },
        problem: "not here: the pools come with the cluster of the other stack",
        allowed: "nothing, with cluster.stack",
        fix: "remove pools; services name the pools of the other stack",
      },
    ];
  }
  const { devicePlugin = false } = cluster;
  return existingPoolProblems(allDescribed(cluster.pools), devicePlugin).map(
    ({ found: _, ...problem }) => ({ ...problem, file }),
  );
}
