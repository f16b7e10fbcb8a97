import { cpuNodes, roomOf, type NodeRoom } from "../../catalog/cpu-nodes";
import type { ManagedPool } from "../../components/clouds/managed";
import type { Demand } from "../derived/demand";
import { entryProblem, type Entry } from "../entry";
import type { FileProblem } from "../problems";
import type { AnyCluster } from "../schema";
import type { PoolOf } from "./placement";

/** A node that pods can be put on: what it is, in words, and what it leaves for them. */
interface Node extends NodeRoom {
  what: string;
}

type Pools = Readonly<Record<string, ManagedPool>>;

/** Pods that ask for more CPU or memory than any node that they may run on has: they would wait for ever. */
export function nodeSizeProblems(
  cluster: AnyCluster,
  entries: readonly Entry[],
  poolOf: PoolOf,
  pools: Pools,
): FileProblem[] {
  const { kind: cloud } = cluster;
  if (cloud === "existing") return [];
  const roomIn = (pool: string): Node | undefined => {
    const machine = pools[pool]?.machine;
    return (
      machine && { what: `a node of pool ${pool} (${machine.name})`, ...roomOf(cloud, machine) }
    );
  };
  const plain = cpuNodes[cloud];
  const withoutGpus = { what: `a node without GPUs (${plain.machine})`, ...roomOf(cloud, plain) };
  return entries.flatMap((entry) => {
    const pool = poolOf(entry);
    if (pool === undefined && (entry.fields.gpus > 0 || entry.fields.pool !== undefined)) return [];
    const node = pool === undefined ? withoutGpus : roomIn(pool);
    if (!node) return [];
    const larger = Object.keys(pools).filter((name) => {
      const room = roomIn(name);
      return room && exceeded(entry.demand, room).length === 0;
    });
    return tooLarge(entry, entry.demand, node, larger);
  });
}

const mebibyte = 1024 ** 2;

function exceeded({ cpu, memory }: Demand, { millicores, memoryMiB }: NodeRoom) {
  return [
    ...(cpu > millicores ? (["cpu"] as const) : []),
    ...(memory > memoryMiB * mebibyte ? (["memory"] as const) : []),
  ];
}

function tooLarge(entry: Entry, asked: Demand, node: Node, larger: string[]): FileProblem[] {
  const words = {
    cpu: [`${asked.cpu}m`, `${node.millicores}m`],
    memory: [`${Math.ceil(asked.memory / mebibyte)}Mi`, `${node.memoryMiB}Mi`],
  } as const;
  return exceeded(asked, node).map((of) =>
    entryProblem(entry, [of], {
      problem: `more than any node has: its pods ask for ${words[of][0]} with all their containers`,
      allowed: `at most ${words[of][1]} for a whole pod: what ${node.what} leaves`,
      fix:
        larger.length > 0
          ? `lower it, or run it on a pool of larger nodes: pool: ${larger.join(" or ")}`
          : "lower it, or give it a pool of larger machines",
    }),
  );
}
