import type { Cluster, LoadBalancer, PlacedPool } from "../../components/cluster/cluster";
import { loadBalancerOf } from "../../components/serving/exposure";
import { strategy, times } from "../../components/serving/rollout";
import { eligiblePools } from "../../components/workload/scheduling";
import { fits, spare } from "../../components/workload/spare";
import { beyond, demandOf, slotsUnder, total, type PodDemand, type Quota } from "./demand";
import { runsAtOnce } from "./runs-at-once";
import type { JobConfig, ServiceConfig, Stack } from "../stack";
import { hasInjectedSidecar } from "./injected-sidecar";

/** Surge capacity of a service's rollout, where it shares a pool or a quota. */
export interface SurgeCapacity {
  /** Whole replicas that fit beside all services and jobs. */
  surgeSlots: number;
  /** Seconds that rollouts of other services may hold those slots. */
  surgeWaitSeconds: number;
}

type Pod = Pick<ServiceConfig, "gpus" | "pool" | "namespace"> & PodDemand;
type Job = Pod & Partial<Pick<JobConfig, "workers" | "schedule" | "concurrency" | "timeout">>;
type Service = Pod &
  Pick<ServiceConfig, "replicas" | "startup" | "drain"> & { loadBalancer?: LoadBalancer };

/** What runs there and how much of it. */
interface Group extends Pod {
  count: number;
}

interface Rolling extends Group, Service {
  name: string;
}

/** What bounds several workloads together: a pool at its largest, or the quota of a namespace. */
interface Bound {
  has: (pod: Pod) => boolean;
  /** More pods of a kind that it takes beside all of `groups`. */
  slots: (groups: readonly Group[], pod: Pod) => number;
  holds: (groups: readonly Group[]) => boolean;
}

/** The surge capacity of each service of a stack on its cluster. */
export function surgeOf(
  stack: Pick<Stack, "cluster" | "namespaces" | "volumes" | "services" | "jobs">,
  cluster: Pick<Cluster, "pools" | "loadBalancer">,
): Record<string, SurgeCapacity> {
  const isBucket = (volume: string) => stack.volumes[volume]?.kind === "bucket";
  const injected = (entry: ServiceConfig | JobConfig) => ({
    injectedSidecar: hasInjectedSidecar(stack.cluster.kind, entry, isBucket),
  });
  return surgeCapacity(
    each(stack.services, (entry) => ({
      ...{ ...entry, ...injected(entry) },
      loadBalancer: loadBalancerOf(cluster, entry.expose),
    })),
    each(stack.jobs, (entry) => ({ ...entry, ...injected(entry) })),
    cluster.pools,
    each(stack.namespaces, ({ quota }) => quota),
  );
}

function each<From, To>(
  map: Readonly<Record<string, From>>,
  to: (of: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(map).map(([name, of]) => [name, to(of)]));
}

/** For each service that something bounds: the slots its rollout can count on, and how long others that roll in the same `up` may hold them. */
export function surgeCapacity(
  services: Readonly<Record<string, Service>>,
  jobs: Readonly<Record<string, Job>>,
  pools: Readonly<Record<string, PlacedPool>>,
  quotas: Readonly<Record<string, Quota>> = {},
): Record<string, SurgeCapacity> {
  const rolling = Object.entries(services).map(([name, entry]): Rolling => ({
    ...entry,
    name,
    count: entry.replicas,
  }));
  const running = Object.values(jobs).map((job): Group => ({
    ...job,
    count: (job.workers ?? 1) * runsAtOnce(job),
  }));
  const all: Group[] = [...rolling, ...running];
  const bounds = [
    ...Object.values(pools).map((pool) => ofPool(pool, pools)),
    ...Object.entries(quotas)
      .filter(([, quota]) => Object.keys(quota).length > 0)
      .map(([namespace, quota]) => ofQuota(namespace, quota)),
  ];

  const within = (bound: Bound) => all.filter((group) => bound.has(group));
  const slots = new Map<Group, number>();
  for (const service of rolling) {
    const own = bounds.filter((bound) => bound.has(service));
    const free = own.map((bound) => bound.slots(within(bound), service));
    if (free.length > 0) slots.set(service, Math.min(...free));
  }
  const surging = (group: Group) => {
    const free = slots.get(group);
    return { ...group, count: group.count + (free === undefined ? 0 : strategy(free).maxSurge) };
  };
  // Where not all can surge at once, those that share the bound roll in turn.
  const inTurn = bounds.filter((bound) => !bound.holds(within(bound).map(surging)));

  const capacity: Record<string, SurgeCapacity> = {};
  for (const service of rolling) {
    const free = slots.get(service);
    if (free === undefined) continue;
    const crowded = inTurn.filter((bound) => bound.has(service));
    const others = rolling.filter(
      (other) => other !== service && crowded.some((bound) => bound.has(other)),
    );
    const rollout = (other: Rolling) =>
      times({ ...other, pool: pools[poolOf(other, pools) ?? ""] }).rollout;
    const surgeWaitSeconds = others.reduce((sum, other) => sum + rollout(other), 0);
    capacity[service.name] = { surgeSlots: free, surgeWaitSeconds };
  }
  return capacity;
}

function poolOf({ pool, gpus }: Pod, pools: Readonly<Record<string, PlacedPool>>) {
  return gpus > 0 ? (pool ?? eligiblePools(pools, gpus)[0]) : undefined;
}

function ofPool(pool: PlacedPool, pools: Readonly<Record<string, PlacedPool>>): Bound {
  return {
    has: (pod) => poolOf(pod, pools) === pool.name,
    slots: (groups, { gpus }) => spare(pool, groups, gpus),
    holds: (groups) => fits(pool, groups),
  };
}

function ofQuota(namespace: string, quota: Quota): Bound {
  const asked = (groups: readonly Group[]) =>
    total(groups.map((group) => demandOf(group, group.count)));
  return {
    has: (pod) => pod.namespace === namespace,
    slots: (groups, pod) => slotsUnder(quota, asked(groups), demandOf(pod, 1)),
    holds: (groups) => beyond(quota, asked(groups)).length === 0,
  };
}
