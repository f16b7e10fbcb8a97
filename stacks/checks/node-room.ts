import { cpuNodes, roomOf, type NodeRoom } from "../../catalog/cpu-nodes";
import type { ManagedPool } from "../../components/clouds/managed";
import { isBesideFuse } from "../bucket-mounts";
import { demandOf } from "../demand";
import type { Fault } from "../faults";
import { valueAt } from "../lookup";
import { entryFault, type Entry } from "./entry";
import { cloudOf } from "./pools";

/** A node that pods can be put on: what it is, in words, and what it leaves for them. */
interface Node extends NodeRoom {
  what: string;
}

/** Pods that ask for more CPU or memory than any node that they may run on has: they would wait for ever. */
export function nodeRoomFaults(
  { cluster, volumes }: Record<string, unknown>,
  entries: readonly Entry[],
  poolOf: (entry: Entry) => string | undefined,
  pools: Readonly<Record<string, ManagedPool>>,
): Fault[] {
  const isBucket = (volume: string) => valueAt(volumes, [volume, "bucket"]) !== undefined;
  const kind = valueAt(cluster, ["kind"]);
  return entries.flatMap((entry) => {
    const unclear = ["cpu", "memory", "gpus", "pool", "sidecars"].some((key) =>
      entry.broken.has(key),
    );
    const node = unclear ? undefined : nodeOf(cluster, entry, poolOf(entry), pools);
    if (!node) return [];
    const pod = { ...entry.fields, besideFuse: isBesideFuse(kind, entry.fields, isBucket) };
    return tooLarge(entry, demandOf(pod, 1), node, fitting(cluster, pools, demandOf(pod, 1)));
  });
}

/** The node that an entry's pods run on; undefined where nobody knows its size. */
function nodeOf(
  cluster: unknown,
  { fields: { gpus = 0 } }: Entry,
  pool: string | undefined,
  pools: Readonly<Record<string, ManagedPool>>,
): Node | undefined {
  const cloud = cloudOf(cluster);
  if (!cloud) return undefined;
  if (pool !== undefined) {
    const machine = pools[pool]?.machine;
    return (
      machine && { what: `a node of pool ${pool} (${machine.name})`, ...roomOf(cloud, machine) }
    );
  }
  if (gpus > 0) return undefined;
  const node = cpuNodes[cloud];
  return { what: `a node without GPUs (${node.machine})`, ...roomOf(cloud, node) };
}

/** Names of the pools whose nodes have room for a pod of that demand. */
function fitting(
  cluster: unknown,
  pools: Readonly<Record<string, ManagedPool>>,
  asked: Asked,
): string[] {
  const cloud = cloudOf(cluster);
  return Object.entries(pools).flatMap(([name, { machine }]) =>
    cloud && exceeded(asked, roomOf(cloud, machine)).length === 0 ? [name] : [],
  );
}

type Asked = Pick<ReturnType<typeof demandOf>, "cpu" | "memory">;

const mebibyte = 1024 ** 2;

function exceeded({ cpu, memory }: Asked, { millicores, memoryMiB }: NodeRoom) {
  return [
    ...(cpu > millicores ? (["cpu"] as const) : []),
    ...(memory > memoryMiB * mebibyte ? (["memory"] as const) : []),
  ];
}

function tooLarge(entry: Entry, asked: Asked, node: Node, elsewhere: string[]): Fault[] {
  const words = {
    cpu: [`${asked.cpu}m`, `${node.millicores}m`],
    memory: [`${Math.ceil(asked.memory / mebibyte)}Mi`, `${node.memoryMiB}Mi`],
  } as const;
  return exceeded(asked, node).map((of) =>
    entryFault(entry, [of], {
      what: `more than any node has: its pods ask for ${words[of][0]} with all their containers`,
      allowed: `at most ${words[of][1]} for a whole pod: what ${node.what} leaves`,
      remedy:
        elsewhere.length > 0
          ? `lower it, or run it on a pool of larger nodes: pool: ${elsewhere.join(" or ")}`
          : "lower it, or give it a pool of larger machines",
    }),
  );
}
