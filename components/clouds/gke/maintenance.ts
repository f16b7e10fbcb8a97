import type { container } from "@pulumi/gcp/types/input";

/** When GKE may upgrade by itself: Saturdays and Sundays, 01:00 to 09:00 UTC. It wants 48 hours of windows in 32 days (docs/facts.md 2.22). */
const window = {
  startTime: "2026-01-03T01:00:00Z",
  endTime: "2026-01-03T09:00:00Z",
  recurrence: "FREQ=WEEKLY;BYDAY=SA,SU",
} as const;

/**
 * Keeps a cluster on its minor version, and its nodes on theirs, until Google no longer supports it; patches of the control plane
 * come all the same, and upgrades that somebody asks for (docs/facts.md 2.1). GKE takes a start that is past.
 */
const stays = {
  exclusionName: "stays-on-its-version",
  startTime: "2026-01-01T00:00:00Z",
  exclusionOptions: {
    scope: "NO_MINOR_OR_NODE_UPGRADES",
    endTimeBehavior: "UNTIL_END_OF_SUPPORT",
  },
} as const;

/**
 * When GKE may do what. There is always a policy: Google's provider leaves the exclusions of a cluster alone whose policy goes,
 * so that one which is to follow its channel again would stay where it was.
 */
export function maintenancePolicy(pinned: boolean): container.ClusterMaintenancePolicy {
  return { recurringWindow: window, maintenanceExclusions: pinned ? [stays] : [] };
}
