import { z } from "zod";
import { keptAnnotation } from "../../components/workload/labels";
import { bytes } from "../../values/units";
import { nothing } from "../words";
import type { Stack } from "../stack";
import { foundIn, refused, type StateBefore } from "./state";

const claim = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  spec: z.object({ resources: z.object({ requests: z.object({ storage: z.string() }) }) }),
});

/** Refuses an `up` or preview that would drop or move a disk that is kept, or shrink any, before anything is registered. */
export function refuseLostDisks({ volumes }: Pick<Stack, "volumes">, before: StateBefore): void {
  const claims = foundIn(before, "Disk$kubernetes:core/v1:PersistentVolumeClaim", claim);
  const problems = claims.flatMap(({ found: { metadata, spec } }) => {
    const { name, namespace, annotations } = metadata;
    const { storage: size } = spec.resources.requests;
    const volume = volumes[name];
    const isDisk = volume?.kind === "disk";
    if (isDisk && volume.namespace === namespace) {
      if (bytes(volume.size) >= bytes(size)) return [];
      return {
        path: ["volumes", name, "disk"],
        problem: "smaller than the disk is, and a disk can only grow",
        found: `"${volume.size}"`,
        allowed: `${size} or more`,
        fix: `write ${size}, or declare another volume of ${volume.size} and copy to it what is on this one.`,
      };
    }
    if (!(keptAnnotation in annotations)) return [];
    return {
      path: ["volumes", name],
      problem: "a disk that is kept would go, with all that is on it",
      found: isDisk ? `namespace ${volume.namespace}` : (volume?.kind ?? nothing),
      allowed: `the disk, in namespace ${namespace}`,
      fix: "put it back. To give it up for good: set keep: false on it, run pulumi up, then remove it.",
    };
  });
  if (problems.length > 0) throw refused(...problems);
}
