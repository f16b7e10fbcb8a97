import type { JobEntry, ServiceEntry } from "../schema";

/** The most replicas that a service may have. */
export function mostReplicas({ replicas }: Pick<ServiceEntry, "replicas">): number {
  return typeof replicas === "number" ? replicas : replicas.max;
}

/** Placeholder pods that keep nodes ready for an entry; a job has none. */
export function sparePods(of: ServiceEntry | JobEntry): number {
  if (!("replicas" in of) || typeof of.replicas === "number") return 0;
  return of.replicas.spare ?? 0;
}
