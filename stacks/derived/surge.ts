import type { Cluster } from "../../components/cluster/cluster";
import { loadBalancerOf } from "../../components/serving/exposure";
import { strategy, times } from "../../components/serving/rollout";
import type { InferenceServiceArgs } from "../../components/serving/inference-service";
import { eligiblePools } from "../../components/workload/scheduling";
import { fits, spare } from "../../components/workload/spare";
import type { JobConfig, ServiceConfig } from "../stack";
import { boundsOf, resources, slotsUnder, total, type Quota } from "./demand";

/** Surge capacity of a service's rollout, where it shares a pool or a quota. */
export type SurgeCapacity = Required<Pick<InferenceServiceArgs, "surgeSlots" | "surgeWaitSeconds">>;

type Pod = Pick<JobConfig, "gpus" | "pool" | "namespace" | "demand" | "count">;
type Service = Pod & Pick<ServiceConfig, "replicas" | "startup" | "drain" | "expose">;

/** What bounds several workloads together: a pool at its largest, or the quota of a namespace. */
interface Bound {
  /** The workloads, each with its pods. */
  groups: readonly Pod[];
  /** More pods of a kind that it takes beside all of them. */
  slots: (pod: Pod) => number;
  /** Whether it takes them at these numbers of pods. */
  holds: (groups: readonly Pod[]) => boolean;
}

/** For each service that something bounds: the slots its rollout can count on, and how long others that roll in the same `up` may hold them. */
export function surgeOf(
  stack: {
    services: Readonly<Record<string, Service>>;
    jobs: Readonly<Record<string, Pod>>;
    namespaces: Readonly<Record<string, { quota: Quota }>>;
  },
  cluster: Pick<Cluster, "pools" | "loadBalancer">,
): Record<string, SurgeCapacity> {
  const services = Object.values(stack.services);
  const bounds = boundsIn(stack.namespaces, cluster.pools, [
    ...services,
    ...Object.values(stack.jobs),
  ]);
  const slots = new Map<Pod, number>();
  for (const service of services) {
    const free = bounds.filter(({ groups }) => groups.includes(service));
    if (free.length > 0) slots.set(service, Math.min(...free.map((bound) => bound.slots(service))));
  }
  const surging = (group: Pod) => {
    const free = slots.get(group);
    return { ...group, count: group.count + (free === undefined ? 0 : strategy(free).maxSurge) };
  };
  // Where not all can surge at once, those that share the bound roll in turn.
  const inTurn = bounds.filter(({ groups, holds }) => !holds(groups.map(surging)));
  const rollout = (service: Service) => {
    const pool = cluster.pools[poolOf(service, cluster.pools) ?? ""];
    return times({ ...service, pool, loadBalancer: loadBalancerOf(cluster, service.expose) })
      .rollout;
  };
  return Object.fromEntries(
    Object.entries(stack.services).flatMap(([name, service]) => {
      const surgeSlots = slots.get(service);
      if (surgeSlots === undefined) return [];
      const crowded = inTurn.filter(({ groups }) => groups.includes(service));
      const surgeWaitSeconds = services
        .filter(
          (other) => other !== service && crowded.some(({ groups }) => groups.includes(other)),
        )
        .reduce((sum, other) => sum + rollout(other), 0);
      return [[name, { surgeSlots, surgeWaitSeconds }]];
    }),
  );
}

function poolOf({ pool, gpus }: Pod, pools: Cluster["pools"]) {
  return gpus > 0 ? (pool ?? eligiblePools(pools, gpus)[0]) : undefined;
}

function boundsIn(
  namespaces: Readonly<Record<string, { quota: Quota }>>,
  pools: Cluster["pools"],
  all: readonly Pod[],
): Bound[] {
  const ofPools = Object.values(pools).map((pool): Bound => {
    const groups = all.filter((pod) => poolOf(pod, pools) === pool.name);
    return {
      groups,
      slots: ({ gpus }) => spare(pool, groups, gpus),
      holds: (surging) => fits(pool, surging),
    };
  });
  const ofQuotas = Object.entries(namespaces).flatMap(([name, { quota }]): Bound[] => {
    if (Object.keys(quota).length === 0) return [];
    const groups = all.filter(({ namespace }) => namespace === name);
    const bounds = boundsOf(quota);
    return [
      {
        groups,
        slots: ({ demand }) => slotsUnder(quota, total(groups), demand),
        holds: (surging) => {
          const demand = total(surging);
          return resources.every((of) => demand[of] <= bounds[of]);
        },
      },
    ];
  });
  return [...ofPools, ...ofQuotas];
}
