import { offeredGpus } from "../../catalog/sharing";
import type { ManagedPool } from "../../components/clouds/managed";
import type { ParsedStack } from "../parse";
import type { FileProblem } from "../problems";
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
    Object.entries(cluster.pools).map(([name, { gpusPerNode, nodes }]) => [
      name,
      { gpusPerNode, gpusPerPod: gpusPerNode, maxNodes: nodes.max },
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
  if (!cluster.devicePlugin || names.length > 0) return [];
  return [
    {
      ...{ file, path: ["cluster", "devicePlugin"] },
      problem: "no node to put it on: it runs on the nodes of the pools, and there are none",
      allowed: "true beside at least one pool",
      fix: "describe the GPU nodes under pools, or remove devicePlugin",
    },
  ];
}
