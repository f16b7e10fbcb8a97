import { nvidiaGpu, type Cluster } from "../../components/cluster/cluster";
import { loadBalancerOf } from "../../components/serving/exposure";
import { strategy, times } from "../../components/serving/rollout";
import type { InferenceServiceArgs } from "../../components/serving/inference-service";
import { eligiblePools } from "../../components/workload/scheduling";
import { fits, spare, type Replicas } from "../../components/workload/spare";
import { volumesOf } from "../../values/mount";
import { ownNodes } from "../pool/relations";
import { sparePods } from "../autoscaling/counts";
import type { JobConfig, ServiceConfig, Stack } from "../stack";
import { boundsOf, resources, slotsUnder, total } from "./demand";

/** Surge capacity of a service's rollout, where it shares a pool or a quota. */
export type SurgeCapacity = Required<Pick<InferenceServiceArgs, "surgeSlots" | "surgeWaitSeconds">>;

type Config = ServiceConfig | JobConfig;

/** What bounds several workloads together: a pool at its largest, the node that a disk is on, or the quota of a namespace. */
interface Bound {
  /** The workloads, each with its pods. */
  groups: readonly Config[];
  /** More pods of a kind that it takes beside all of them. */
  slots: (pod: Config) => number;
  /** Whether it takes them at these numbers of pods. */
  holds: (groups: readonly Config[]) => boolean;
}

/** For each service that something bounds: the slots its rollout can count on, and how long others that roll in the same `up` may hold them. */
export function surgeOf(
  stack: Pick<Stack, "services" | "jobs" | "namespaces" | "volumes" | "cluster">,
  cluster: Pick<Cluster, "pools" | "loadBalancer">,
): Record<string, SurgeCapacity> {
  const services = Object.values(stack.services);
  const all = [...services, ...Object.values(stack.jobs)];
  const bounds = [
    ...boundsIn(stack.namespaces, cluster.pools, all),
    ...nodesOfDisks(stack, cluster.pools, all),
  ];
  const slots = new Map<Config, number>();
  for (const service of services) {
    const free = bounds.filter(({ groups }) => groups.includes(service));
    const least = Math.min(...free.map((bound) => bound.slots(service)));
    if (free.length > 0) slots.set(service, Math.floor(least / nodesOf(service)));
  }
  const surging = (group: Config) => {
    // Without pods there is nothing to replace.
    const free = group.count === 0 ? undefined : slots.get(group);
    const more = free === undefined ? 0 : strategy(free).maxSurge * nodesOf(group);
    return { ...group, count: group.count + more };
  };
  // Where not all can surge at once, those that share the bound roll in turn.
  const inTurn = bounds.filter(({ groups, holds }) => !holds(groups.map(surging)));
  const rollout = (service: ServiceConfig) => {
    const pool = cluster.pools[poolOf(service, cluster.pools) ?? ""];
    const loadBalancer = loadBalancerOf(cluster, service.expose);
    return times({
      ...service,
      replicas: service.count,
      pool,
      loadBalancer,
      nodes: nodesOf(service),
    }).rollout;
  };
  const capacity: Record<string, SurgeCapacity> = {};
  for (const [name, service] of Object.entries(stack.services)) {
    const surgeSlots = slots.get(service);
    if (surgeSlots === undefined) continue;
    const crowd = new Set(inTurn.flatMap(({ groups }) => (groups.includes(service) ? groups : [])));
    const others = services.filter(
      (other) => other !== service && other.count > 0 && crowd.has(other),
    );
    const surgeWaitSeconds = others.reduce((sum, other) => sum + rollout(other), 0);
    capacity[name] = { surgeSlots, surgeWaitSeconds };
  }
  return capacity;
}

/** Pods that one replica is made of. */
function nodesOf(of: Config): number {
  return "server" in of ? (of.server?.nodeGroup?.nodes ?? 1) : 1;
}

/** Pool whose room bounds the pods; those without GPUs take none of a pool with GPUs. */
function poolOf({ pool, gpus }: Config, pools: Cluster["pools"]) {
  if (gpus > 0) return pool ?? eligiblePools(pools, gpus)[0];
  return pool !== undefined && pools[pool]?.gpusPerNode === 0 ? pool : undefined;
}

/** A workload's pods, as a pool counts them. */
function replicas({ demand, count }: Config): Replicas {
  const { gpus, cpu, memory } = demand;
  return { gpus, cpu, memory, count };
}

function boundsIn(
  namespaces: Stack["namespaces"],
  pools: Cluster["pools"],
  all: readonly Config[],
): Bound[] {
  const ofPools = Object.values(pools).map((pool): Bound => {
    const groups = all.filter((pod) => poolOf(pod, pools) === pool.name);
    return {
      groups,
      slots: (pod) => spare(pool, groups.map(replicas), replicas(pod)),
      holds: (surging) => fits(pool, surging.map(replicas)),
    };
  });
  // A quota bounds each resource of GPUs for itself.
  const kindOf = (pod: Config) => pools[poolOf(pod, pools) ?? ""]?.resource ?? nvidiaGpu;
  const counted = (some: readonly Config[], kind: string) =>
    some.map((pod) =>
      kindOf(pod) === kind ? pod : { ...pod, demand: { ...pod.demand, gpus: 0 } },
    );
  const ofQuotas = Object.entries(namespaces).flatMap(([name, { quota }]): Bound[] => {
    if (Object.keys(quota).length === 0) return [];
    const groups = all.filter(({ namespace }) => namespace === name);
    // Placeholder pods give their nodes up, but count for the quota also while they wait.
    const placeholders = groups.flatMap((pod) => {
      const count = sparePods(pod);
      return count > 0 ? [{ ...pod, count }] : [];
    });
    const bounds = boundsOf(quota);
    return [
      {
        groups,
        slots: (pod) =>
          slotsUnder(quota, total(counted([...groups, ...placeholders], kindOf(pod))), pod.demand),
        holds: (surging) =>
          surging.every((pod) => {
            const demand = total(counted([...surging, ...placeholders], kindOf(pod)));
            return resources.every((of) => demand[of] <= bounds[of]);
          }),
      },
    ];
  });
  return [...ofPools, ...ofQuotas];
}

/**
 * The nodes that disks keep services without GPUs on, as full as everything else that may run there can make them. With GPUs such
 * services count on no slot.
 */
function nodesOfDisks(
  { services, volumes, cluster }: Pick<Stack, "services" | "volumes" | "cluster">,
  pools: Cluster["pools"],
  all: readonly Config[],
): Bound[] {
  const isDisk = (name: string) => {
    const volume = volumes[name];
    return volume !== undefined && "access" in volume && volume.access !== "any-node";
  };
  const tied = Object.values(services).filter(
    (service) => service.gpus === 0 && volumesOf(service).some(isDisk),
  );
  return [...new Set(tied.map(({ pool }) => pool))].flatMap((name): Bound[] => {
    const { room, gpusPerNode } =
      name === undefined
        ? { room: ownNodes({ cluster })?.room, gpusPerNode: 0 }
        : (pools[name] ?? { gpusPerNode: 0 });
    if (!room || gpusPerNode > 0) return [];
    const node = { maxNodes: 1, gpusPerNode, room };
    const there = all.filter(({ gpus, pool }) => gpus === 0 && pool === name);
    const groups = tied.filter(({ pool }) => pool === name);
    const beside = there.filter((pod) => !groups.some((one) => one === pod));
    return [
      {
        groups,
        slots: (pod) => spare(node, there.map(replicas), replicas(pod)),
        holds: (surging) => fits(node, [...beside, ...surging].map(replicas)),
      },
    ];
  });
}
