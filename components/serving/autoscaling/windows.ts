import type { LoadBalancer, PlacedPool } from "../../cluster/cluster";
import { provisioningTime } from "../../workload/scheduling";
import type { Times } from "../rollout";
import type { ReplicaRange } from "./scale-on";

/** Seconds that Kubernetes takes for a window and for the time between two changes (docs/facts.md 20). */
export const paceBounds = { window: [0, 3600], every: [1, 1800] } as const;

/** How fast the number of replicas changes, all in seconds. */
export interface Windows {
  /** More replicas must have been called for this long. */
  up: number;
  /** Between two new replicas. */
  upEvery: number;
  /** Fewer replicas must have been called for this long. */
  down: number;
  /** Between two replicas that end. */
  downEvery: number;
}

/** A load that lasts no longer than this is no reason for a replica; removing is slower than adding (docs/facts.md 20). */
const defaults = { up: 30, down: 300, downEvery: 120 } as const;

/** Seconds from the decision for one more replica until it takes load off the others. */
export function startTime(
  { startup, minReady }: Pick<Times, "startup" | "minReady">,
  pool?: Pick<PlacedPool, "capacityTypes">,
  { readyTime = 0 }: Partial<Pick<LoadBalancer, "readyTime">> = {},
): number {
  return provisioningTime(pool) + startup + readyTime + minReady;
}

/**
 * Windows that fit replicas that take so long to start: the next one comes when the last one could have helped, and none goes that
 * could not be back in the time for which it was not needed.
 */
export function windows(
  start: number,
  { scaleUp = {}, scaleDown = {} }: Pick<ReplicaRange, "scaleUp" | "scaleDown"> = {},
): Windows {
  const [, longest] = paceBounds.window;
  const [, slowest] = paceBounds.every;
  return {
    up: scaleUp.window ?? defaults.up,
    upEvery: scaleUp.every ?? Math.min(slowest, start),
    down: scaleDown.window ?? Math.min(longest, Math.max(defaults.down, start)),
    downEvery: scaleDown.every ?? defaults.downEvery,
  };
}

/** The same as the `behavior` of a HorizontalPodAutoscaler has it. */
export function behavior({ up, upEvery, down, downEvery }: Windows) {
  const oneEach = (periodSeconds: number) => [{ type: "Pods", value: 1, periodSeconds }];
  return {
    scaleUp: { stabilizationWindowSeconds: up, policies: oneEach(upEvery) },
    scaleDown: { stabilizationWindowSeconds: down, policies: oneEach(downEvery) },
  };
}
