import type { PlacedPool } from "../components/cluster/cluster";
import { strategy, times } from "../components/serving/rollout";
import { eligiblePools } from "../components/workload/scheduling";
import { spare } from "../components/workload/spare";
import type { ServiceConfig } from "./stack";

/** Room that a service's rollout has on a pool which it shares. */
export interface RolloutRoom {
  /** Whole replicas that fit the pool beside all services. */
  spare: number;
  /** Seconds that rollouts of other services may hold those slots. */
  spareWait: number;
}

type Shape = Pick<ServiceConfig, "gpus" | "pool" | "replicas" | "startup" | "drain">;

/** For each service with GPUs: the slots its rollout can count on, and how long others that roll in the same `up` may hold them. */
export function rolloutRoom(
  services: Readonly<Record<string, Shape>>,
  pools: Readonly<Record<string, PlacedPool>>,
): Record<string, RolloutRoom> {
  const placed = Object.entries(services)
    .filter(([, { gpus }]) => gpus > 0)
    .map(([name, entry]) => ({
      name,
      entry,
      pool: entry.pool ?? eligiblePools(pools, entry.gpus)[0],
    }));

  const rooms: Record<string, RolloutRoom> = {};
  for (const { name, entry, pool } of placed) {
    const size = pool === undefined ? undefined : pools[pool];
    if (!size) continue;
    const onPool = placed.filter((other) => other.pool === pool);
    const groups = onPool.map((other) => ({ gpus: other.entry.gpus, count: other.entry.replicas }));
    const slots = spare(size, groups, entry.gpus);
    const others = onPool.filter((other) => other.name !== name);
    const wait = others.reduce(
      (sum, other) =>
        sum + times({ ...other.entry, pool: size, strategy: strategy(slots) }).rollout,
      0,
    );
    rooms[name] = { spare: slots, spareWait: slots > 0 && slots < onPool.length ? wait : 0 };
  }
  return rooms;
}
