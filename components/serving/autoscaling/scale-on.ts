import type { Signal } from "../engines/engine";
import type { Figures } from "./figures";

/** Figures of an engine that tell how busy its replicas are. */
export type LoadSignal = Extract<Signal, "queue" | "running" | "cache" | "latency" | "firstToken">;

/** What decides how many replicas run; of several, the one that asks for the most. */
export type ScaleOn =
  /** A figure of the service's engine: requests for each replica, percent of the cache, or seconds that 95 of 100 requests stay below. */
  | { signal: LoadSignal; target: number }
  /** A query of Prometheus with one number as its answer: so much of it for each replica. */
  | { query: string; target: number }
  /** Percent of the CPU that its pods are promised. */
  | { cpu: number }
  /** So many replicas at least between two times. */
  | { schedule: Schedule };

/** Times at which a service has more replicas, as cron lines. */
export interface Schedule {
  /** When they start. */
  start: string;
  /** When they may end. */
  end: string;
  /** Name of the IANA for the time zone of both. @default "Etc/UTC" */
  timeZone?: string;
  /** Replicas in between. */
  replicas: number;
}

/** How many replicas a service may have, and how fast that changes. Times are in seconds. */
export interface ReplicaRange {
  /** Replicas that always run, from 0. */
  min: number;
  /** The most replicas. */
  max: number;
  /** Placeholder pods that keep the nodes of so many replicas ready and give way to real pods. @default 0 */
  spare?: number;
  /** How replicas are added, one at a time. @default what follows from the time that one takes to start */
  scaleUp?: Pace;
  /** How replicas are removed, one at a time. @default what follows from the time that one takes to start */
  scaleDown?: Pace;
}

/** How fast a number of replicas changes. */
export interface Pace {
  /** Seconds for which a change must be called for, 0 to 3600. */
  window?: number;
  /** Seconds between two replicas, 1 to 1800. */
  every?: number;
}

/** Whether KEDA is needed: Kubernetes itself reads nothing but CPU. */
export function needsKeda(scaleOn: readonly ScaleOn[]): boolean {
  return scaleOn.some((one) => !("cpu" in one));
}

/** Whether Prometheus is asked. */
export function needsPrometheus(scaleOn: readonly ScaleOn[]): boolean {
  return scaleOn.some((one) => "signal" in one || "query" in one);
}

/** Whether something is seen that happens without a replica, and so can bring the first one. */
export function wakes(scaleOn: readonly ScaleOn[]): boolean {
  return scaleOn.some((one) => "query" in one || "schedule" in one);
}

/** Targets where the service says none (docs/facts.md 20). */
const targets = { queue: 10, cache: 80 } as const;

/** What the replicas of an engine follow where the service says nothing: requests that wait, and where it tells that, how full its cache is. */
export function defaultScaleOn(figures: Figures): ScaleOn[] {
  return (["queue", "cache"] as const)
    .filter((signal) => figures[signal] !== undefined)
    .map((signal) => ({ signal, target: targets[signal] }));
}
