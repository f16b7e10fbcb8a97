import type { ServiceEntry } from "../schema";

/** What an entry says of the number of its pods; a job says none. */
type Counted = Partial<Pick<ServiceEntry, "replicas">>;

/** The most replicas that a service may have. */
export function mostReplicas({ replicas }: Required<Counted>): number {
  return typeof replicas === "number" ? replicas : replicas.max;
}

/** Placeholder pods that keep nodes ready for an entry. */
export function sparePods({ replicas }: Counted): number {
  return typeof replicas === "object" ? (replicas.spare ?? 0) : 0;
}
