/** Replicas that belong together: how many there are and how many GPUs each takes from one node. */
export interface Replicas {
  /** GPUs of one replica. */
  gpus: number;
  /** Number of replicas. */
  count: number;
}

/** GPUs of a pool at its largest. */
export interface PoolSize {
  /** Nodes at the pool's maximum. */
  maxNodes: number;
  /** GPUs that one node offers. */
  gpusPerNode: number;
}

/** Free GPUs of each node once all replicas are placed, largest first on the first node with room; undefined if they do not fit. */
function placed({ maxNodes, gpusPerNode }: PoolSize, groups: readonly Replicas[]) {
  const free = Array<number>(maxNodes).fill(gpusPerNode);
  for (const { gpus, count } of [...groups].sort((a, b) => b.gpus - a.gpus)) {
    for (let replica = 0; replica < count; replica++) {
      const node = free.findIndex((gpusLeft) => gpusLeft >= gpus);
      if (node < 0) return undefined;
      free[node] = (free[node] ?? 0) - gpus;
    }
  }
  return free;
}

/** Whether the pool at its maximum holds all replicas; a replica never spans nodes. */
export function fits(pool: PoolSize, groups: readonly Replicas[]): boolean {
  return placed(pool, groups) !== undefined;
}

/** Whole replicas of `gpus` GPUs that still fit the pool at its maximum beside all of `groups`; 0 where those do not even fit. */
export function spare(pool: PoolSize, groups: readonly Replicas[], gpus: number): number {
  const free = placed(pool, groups) ?? [];
  return free.reduce((slots, gpusLeft) => slots + Math.floor(gpusLeft / gpus), 0);
}
