import { roomOf } from "../../catalog/cpu-nodes";
import { offeredGpus } from "../../catalog/sharing";
import { isOpen } from "../../components/clouds/cpu-pools";
import { scratchGiB, type ManagedPool } from "../../components/clouds/managed";
import { systemPoolOf } from "../../components/clouds/system-pool";
import {
  isUntainted,
  memoryOf,
  offeredBy,
  resourceOf,
  type DescribedPool,
} from "../../components/cluster/described-pool";
import { existingPoolProblems } from "../../components/cluster/existing-pools";
import { isOpenToAll } from "../../components/workload/scheduling";
import type { ParsedStack } from "../parse";
import type { FileProblem } from "../problems";
import { allDescribed } from "./described";
import type { OwnNodes, PoolSize, PoolSizes } from "./placement";

/** The pools of the cluster that we make, by name. */
export function managedPools({
  cluster,
}: Pick<ParsedStack, "cluster">): Readonly<Record<string, ManagedPool>> {
  return cluster.kind === "existing" ? {} : cluster.pools;
}

/** The nodes of a cluster that we make which belong to no pool. */
export function ownNodes({ cluster }: Pick<ParsedStack, "cluster">): OwnNodes | undefined {
  if (cluster.kind === "existing") return undefined;
  const { machine } = systemPoolOf(cluster.kind, cluster.system);
  return { machine: machine.name, room: roomOf(cluster.kind, machine) };
}

/** What entries can be placed on; undefined where another stack knows. */
export function poolSizes({ cluster }: Pick<ParsedStack, "cluster">): PoolSizes | undefined {
  if (cluster.kind !== "existing") {
    return Object.fromEntries(
      Object.entries<ManagedPool>(cluster.pools).map(([name, pool]) => {
        const { machine, sharing, nodes } = pool;
        const size = {
          ...{ maxNodes: nodes.max, room: roomOf(machine.cloud, machine) },
          ...{ machine: machine.name, open: isOpen(pool), arm: machine.arch === "arm64" },
          ...{ usdPerHour: machine.usdPerHour, scratchGiB: scratchGiB(pool) },
        };
        if (machine.gpu === undefined) return [name, { gpusPerNode: 0, gpusPerPod: 0, ...size }];
        const gpus = offeredGpus(machine, sharing);
        return [name, gpus && { ...gpus, gpu: machine.gpu, ...size }];
      }),
    );
  }
  if (cluster.stack !== undefined) return undefined;
  return Object.fromEntries(
    Object.entries(allDescribed(cluster.pools)).map(([name, pool]) => [name, sizeOf(pool)]),
  );
}

function sizeOf(pool: DescribedPool): PoolSize {
  const offered = offeredBy(pool);
  const open = isOpenToAll({ ...offered, untainted: isUntainted(pool), arch: pool.arch });
  return {
    ...{ ...offered, resource: resourceOf(pool), maxNodes: pool.nodes.max },
    ...{ gpu: pool.gpu, gpuMemoryGiB: memoryOf(pool) },
    ...{ open, arm: pool.arch === "arm64" },
  };
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
  return existingPoolProblems(allDescribed(cluster.pools), devicePlugin).map((problem) => ({
    ...problem,
    file,
  }));
}
