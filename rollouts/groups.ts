import type { CoreV1Event, V1Pod, V1StatefulSet } from "@kubernetes/client-node";
import { hasSeen, isReady, staying, type Observed } from "./workload";

/** Label of all pods of a LeaderWorkerSet, with its name (docs/facts.md 21.2). */
export const setLabel = "leaderworkerset.sigs.k8s.io/name";

/** Label of the version that leaders and members are of, and annotations of its leaders and of their StatefulSet. */
const versionLabel = "leaderworkerset.sigs.k8s.io/template-revision-hash";
const sizeAnnotation = "leaderworkerset.sigs.k8s.io/size";
const replicasAnnotation = "leaderworkerset.sigs.k8s.io/replicas";

/** A LeaderWorkerSet, as the StatefulSet of its leaders and the pods of all its groups tell of it. */
export function ofGroups(
  { metadata = {}, spec, status }: V1StatefulSet,
  pods: readonly V1Pod[],
  events: CoreV1Event[],
): Observed {
  const size = Number(spec?.template.metadata?.annotations?.[sizeAnnotation] ?? 1);
  // Without the groups that there are for the time of an update alone.
  const groups = Number(metadata.annotations?.[replicasAnnotation] ?? spec?.replicas ?? 1);
  const version = metadata.labels?.[versionLabel];
  const newest = staying(pods).filter((pod) => pod.metadata?.labels?.[versionLabel] === version);
  const wanted = groups * size;
  const seen = hasSeen(metadata, status);
  return {
    seen,
    revision: version,
    wanted,
    complete: seen && pods.length === wanted && newest.filter(isReady).length === wanted,
    conditions: [],
    pods: newest,
    leaving: pods.length - staying(pods).length,
    events,
  };
}
