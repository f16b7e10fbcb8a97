import type { apps, core } from "@pulumi/kubernetes/types/input";
import type { LoadBalancer, PlacedPool } from "../cluster/cluster";
import { selectorLabels } from "../workload/labels";
import { provisioningTime } from "../workload/scheduling";

/** How the replicas of a service are replaced. */
export interface Strategy {
  /** Replicas that may run beyond the wanted number. */
  maxSurge: 0 | 1;
  /** Replicas that may be missing. */
  maxUnavailable: 0 | 1;
}

/** With a spare slot the new replica comes first; on a full pool the old one has to make room. */
export function strategy(surgeSlots: number): Strategy {
  return surgeSlots > 0 ? { maxSurge: 1, maxUnavailable: 0 } : { maxSurge: 0, maxUnavailable: 1 };
}

/** What the times of a rollout are derived from. */
export interface RolloutFacts {
  /** Replicas that a rollout replaces, one after the other; with none, what is left of the last ones still ends. */
  replicas: number;
  /** Seconds from the moment a replica is on a node until it answers, image pull included. */
  startup: number;
  /** Seconds that requests in flight get after SIGTERM. */
  drain: number;
  /** Nodes that one replica is spread over. @default 1 */
  nodes?: number;
  /** Seconds that sidecars get after the server has ended. @default 0 */
  lastLines?: number;
  /** Pool the replicas run on; none for replicas without GPUs. */
  pool?: Pick<PlacedPool, "capacityTypes">;
  /** What stands before the replicas of an exposed service. @default nothing */
  loadBalancer?: Pick<LoadBalancer, "readyTime" | "drainTime">;
  /** Seconds that other rollouts may hold the pool's spare slots. @default 0 */
  surgeWaitSeconds?: number;
}

/** Times of a rollout, all in seconds. */
export interface Times {
  /** The startup probe's budget. */
  startup: number;
  /** Pause between the decision to stop a pod and its SIGTERM. */
  preStop: number;
  /** From the start of that pause to SIGKILL. */
  terminationGrace: number;
  /** A new replica must have answered this long before the next one is replaced. */
  minReady: number;
  /** The rollout has failed when no replica made progress for this long. */
  progressDeadline: number;
  /** The rollout of all replicas has ended, well or badly, after this long. */
  rollout: number;
}

/** Endpoints are removed everywhere within seconds; new connections that arrive until then are still answered. */
const endpointRemoval = 15;
/** A replica that crashes right after its first answer is noticed before it replaces the next one. */
const minReady = 10;
/** Scheduling, attaching and reporting on a busy cluster. */
const margin = 15;

/** Seconds a new replica may wait for a node: until other rollouts have ended and an autoscaler has tried every capacity type. */
export function placement({
  pool,
  surgeWaitSeconds = 0,
}: Pick<RolloutFacts, "pool" | "surgeWaitSeconds">): number {
  return surgeWaitSeconds + provisioningTime(pool);
}

/** Derives all times of a rollout, so that none is shorter than what has to happen in it. */
export function times(facts: RolloutFacts): Times {
  const { replicas, drain, lastLines = 0, pool, nodes = 1, surgeWaitSeconds = 0 } = facts;
  const { readyTime = 0, drainTime = 0 } = facts.loadBalancer ?? {};
  // The load balancer is told when the endpoint is removed, and still sends new connections for its own time.
  const preStop = endpointRemoval + drainTime;
  const terminationGrace = preStop + drain + lastLines + 10;
  // The first pod of several starts without the others: their nodes come later, or the pods before them still end there.
  const others = nodes > 1 ? provisioningTime(pool) + terminationGrace : 0;
  const startup = facts.startup + others;
  // Also with a spare slot: the replica replaced before holds it until its grace is over.
  const replacement =
    terminationGrace + provisioningTime(pool) + startup + readyTime + minReady + margin;
  return {
    startup,
    preStop,
    terminationGrace,
    minReady,
    progressDeadline: surgeWaitSeconds + replacement,
    rollout: surgeWaitSeconds + Math.max(1, replicas) * replacement,
  };
}

/** Warns where a node may be reclaimed before the load balancer leaves its pods alone. */
export function reclaimedEarly(
  { preStop }: Pick<Times, "preStop">,
  pool?: Pick<PlacedPool, "name" | "capacityTypes">,
): string[] {
  const early = pool?.capacityTypes.find(({ notice }) => notice > 0 && notice < preStop);
  if (!pool || !early) return [];
  return [
    `a ${early.capacity} node of pool ${pool.name} ends ${early.notice} s after its notice, but the load balancer may send new connections to its pods for ${preStop} s, so some are lost when the cloud takes a node back. Where none may be lost, run the service on a pool without ${early.capacity}.`,
  ];
}

/** Spec of a Deployment that replaces an entry's replicas in this way and within these times. */
export function rollingDeployment(
  entry: string,
  replicas: number,
  rollingUpdate: Strategy,
  times: Times,
  template: core.v1.PodTemplateSpec,
): apps.v1.DeploymentSpec {
  return {
    replicas,
    revisionHistoryLimit: 3,
    minReadySeconds: times.minReady,
    progressDeadlineSeconds: times.progressDeadline,
    strategy: { type: "RollingUpdate", rollingUpdate },
    selector: { matchLabels: selectorLabels(entry) },
    template,
  };
}
