import type { PlacedPool } from "../components/cluster/cluster";
import { strategy, times } from "../components/serving/rollout";
import { eligiblePools } from "../components/workload/scheduling";
import { fits, spare } from "../components/workload/spare";
import type { JobConfig, ServiceConfig } from "./stack";

/** Room that a service's rollout has on a pool which it shares. */
export interface RolloutRoom {
  /** Whole replicas that fit the pool beside all services and jobs. */
  spare: number;
  /** Seconds that rollouts of other services may hold those slots. */
  spareWait: number;
}

type Shape = Pick<ServiceConfig, "gpus" | "pool" | "replicas" | "startup" | "drain">;

/** For each service with GPUs: the slots its rollout can count on, and how long others that roll in the same `up` may hold them. */
export function rolloutRoom(
  services: Readonly<Record<string, Shape>>,
  jobs: Readonly<Record<string, Pick<JobConfig, "gpus" | "pool">>>,
  pools: Readonly<Record<string, PlacedPool>>,
): Record<string, RolloutRoom> {
  const placed = Object.entries(services)
    .filter(([, { gpus }]) => gpus > 0)
    .map(([name, entry]) => ({
      ...entry,
      name,
      count: entry.replicas,
      pool: entry.pool ?? eligiblePools(pools, entry.gpus)[0],
    }));

  const running = Object.values(jobs)
    .filter(({ gpus }) => gpus > 0)
    .map(({ gpus, pool }) => ({ gpus, count: 1, pool: pool ?? eligiblePools(pools, gpus)[0] }));

  const rooms: Record<string, RolloutRoom> = {};
  for (const pool of Object.values(pools)) {
    const together = placed.filter((service) => service.pool === pool.name);
    const inJobs = running.filter((job) => job.pool === pool.name);
    const slots = (service: { gpus: number }) =>
      spare(pool, [...together, ...inJobs], service.gpus);
    const surging = together.map(({ gpus, count }) => ({
      gpus,
      count: count + strategy(slots({ gpus })).maxSurge,
    }));
    const inTurn = !fits(pool, [...surging, ...inJobs]);
    for (const service of together) {
      const others = inTurn ? together.filter((other) => other !== service) : [];
      const spareWait = others.reduce((sum, other) => sum + times({ ...other, pool }).rollout, 0);
      rooms[service.name] = { spare: slots(service), spareWait };
    }
  }
  return rooms;
}
