import type { CoreV1Event, V1Pod, V1StatefulSet } from "@kubernetes/client-node";
import { z } from "zod";
import { hasCrashed } from "./container-verdict";
import { hasSeen, isReady, staying, type Observed } from "./workload";

/** Where the API has LeaderWorkerSets. */
export const setKind = {
  group: "leaderworkerset.x-k8s.io",
  version: "v1",
  plural: "leaderworkersets",
} as const;

/** A LeaderWorkerSet, as far as it tells whether its controller has seen its newest version. */
const leaderWorkerSet = z.object({
  metadata: z.object({ generation: z.number().optional() }),
  status: z.object({ observedGeneration: z.number().optional() }).optional(),
});

/** Label of all pods of a LeaderWorkerSet, with its name (docs/facts.md 21.2). */
export const setLabel = "leaderworkerset.sigs.k8s.io/name";

/** Label of the version that leaders and members are of, and annotations of its leaders and of their StatefulSet. */
const versionLabel = "leaderworkerset.sigs.k8s.io/template-revision-hash";
const sizeAnnotation = "leaderworkerset.sigs.k8s.io/size";
const replicasAnnotation = "leaderworkerset.sigs.k8s.io/replicas";

/** A LeaderWorkerSet, as it, the StatefulSet of its leaders and the pods of all its groups tell of it. */
export function ofGroups(
  found: unknown,
  { metadata = {}, spec, status }: V1StatefulSet,
  pods: readonly V1Pod[],
  events: CoreV1Event[],
): Observed {
  const size = Number(spec?.template.metadata?.annotations?.[sizeAnnotation] ?? 1);
  // Without the groups that there are for the time of an update alone.
  const groups = Number(metadata.annotations?.[replicasAnnotation] ?? spec?.replicas ?? 1);
  const version = metadata.labels?.[versionLabel];
  const ofNewest = pods.filter((pod) => pod.metadata?.labels?.[versionLabel] === version);
  const newest = staying(ofNewest);
  const wanted = groups * size;
  const set = leaderWorkerSet.parse(found);
  const seen = hasSeen(set.metadata, set.status) && hasSeen(metadata, status);
  return {
    seen,
    revision: version,
    wanted,
    complete: seen && pods.length === wanted && newest.filter(isReady).length === wanted,
    conditions: [],
    pods: newest,
    crashed: ofNewest.filter(hasCrashed),
    leaving: pods.length - staying(pods).length,
    events,
  };
}

/** One whose controller has not made the StatefulSet of its leaders yet. */
export const notBegun: Observed = {
  ...{ seen: false, wanted: 0, complete: false },
  ...{ conditions: [], pods: [], leaving: 0, events: [] },
};
