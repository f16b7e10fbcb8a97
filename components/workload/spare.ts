import type { NodeRoom } from "../../catalog/cpu-nodes";

/** What one pod asks of a node. */
export interface PodSize {
  /** GPUs. */
  gpus: number;
  /** CPU in thousandths of a core; counted on nodes without GPUs alone. @default not known */
  cpu?: number;
  /** Memory in bytes, counted likewise. @default not known */
  memory?: number;
}

/** Replicas that belong together: how many there are and what each takes from one node. */
export interface Replicas extends PodSize {
  /** Number of replicas. */
  count: number;
}

/** What a pool offers at its largest. */
export interface PoolSize {
  /** Nodes at the pool's maximum. */
  maxNodes: number;
  /** GPUs that one node offers. */
  gpusPerNode: number;
  /** CPU and memory that one node leaves for pods. @default not known */
  room?: NodeRoom;
}

const mebibyte = 1024 ** 2;
const kinds = ["gpus", "cpu", "memory"] as const;

/** An amount of each thing that is counted. */
type Amounts = Record<(typeof kinds)[number], number>;

/** What one node has; of nodes with GPUs only these are counted, because they are what is scarce there. */
function nodeSize({ gpusPerNode, room }: Omit<PoolSize, "maxNodes">): Amounts {
  if (gpusPerNode > 0 || !room) return { gpus: gpusPerNode, cpu: Infinity, memory: Infinity };
  return { gpus: 0, cpu: room.millicores, memory: room.memoryMiB * mebibyte };
}

function amounts({ gpus, cpu = 0, memory = 0 }: PodSize): Amounts {
  return { gpus, cpu, memory };
}

function holds(free: Amounts, asked: Amounts): boolean {
  return kinds.every((kind) => free[kind] >= asked[kind]);
}

/** What is free on each node once all replicas are placed, largest first on the first node with room; undefined if they do not fit. */
function placed(pool: PoolSize, groups: readonly Replicas[]): Amounts[] | undefined {
  const node = nodeSize(pool);
  const part = (asked: Amounts) =>
    Math.max(...kinds.map((kind) => (asked[kind] > 0 ? asked[kind] / node[kind] : 0)));
  const free = Array.from({ length: pool.maxNodes }, () => ({ ...node }));
  const sorted = groups
    .map(({ count, ...size }) => ({ count, asked: amounts(size) }))
    .sort((a, b) => part(b.asked) - part(a.asked));
  for (const { asked, count } of sorted) {
    for (let replica = 0; replica < count; replica++) {
      const on = free.find((one) => holds(one, asked));
      if (!on) return undefined;
      for (const kind of kinds) on[kind] -= asked[kind];
    }
  }
  return free;
}

/** Whether a node of the pool holds one such pod. */
export function holdsOne(pool: Omit<PoolSize, "maxNodes">, pod: PodSize): boolean {
  return holds(nodeSize(pool), amounts(pod));
}

/** Whether the pool at its maximum holds all replicas; a replica never spans nodes. */
export function fits(pool: PoolSize, groups: readonly Replicas[]): boolean {
  return placed(pool, groups) !== undefined;
}

/** Whole replicas of that size that still fit the pool at its maximum beside all of `groups`; 0 where those do not even fit. */
export function spare(pool: PoolSize, groups: readonly Replicas[], pod: PodSize): number {
  const asked = amounts(pod);
  const counted = kinds.filter((kind) => asked[kind] > 0);
  const slots = (free: Amounts) =>
    Math.min(...counted.map((kind) => Math.floor(free[kind] / asked[kind])));
  return (placed(pool, groups) ?? []).reduce((sum, free) => sum + slots(free), 0);
}
