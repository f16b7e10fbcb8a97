import type { JobEntry, ServiceEntry } from "../schema";

/** What a service says of the number of its pods. */
type Counted = Pick<ServiceEntry, "replicas">;

/** The most replicas that a service may have. */
export function mostReplicas({ replicas }: Counted): number {
  return typeof replicas === "number" ? replicas : replicas.max;
}

/** Placeholder pods that keep nodes ready for an entry; a job has none. */
export function sparePods(entry: Counted | Pick<JobEntry, "workers">): number {
  const replicas = "replicas" in entry ? entry.replicas : 0;
  return typeof replicas === "object" ? (replicas.spare ?? 0) : 0;
}
