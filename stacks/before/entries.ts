import { z } from "zod";
import { attemptAnnotation } from "../../components/jobs/batch-job";
import { foundIn, type StateBefore } from "./state";

const annotations = z.record(z.string(), z.string()).optional();

const job = z.object({
  metadata: z.object({ uid: z.string() }),
  spec: z.object({
    template: z.object({ metadata: z.object({ annotations }).optional() }),
  }),
  status: z
    .object({
      conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]),
    })
    .prefault({}),
});

/**
 * What tells the attempt of each job from those before, by entry: the run that failed last, as far as the state knows.
 * Where the state has a run that goes on or succeeded, it is what it was: the job does not run again.
 */
export function attempts(before: StateBefore): Record<string, string> {
  const jobs = foundIn(before, "BatchJob$kubernetes:batch/v1:Job", job);
  return Object.fromEntries(
    jobs.flatMap(({ name, found: { metadata, spec, status } }) => {
      const failed = status.conditions.some((it) => it.type === "Failed" && it.status === "True");
      const former = spec.template.metadata?.annotations?.[attemptAnnotation];
      const attempt = failed ? metadata.uid : former;
      return attempt === undefined ? [] : [[name, attempt]];
    }),
  );
}

const limited = z.object({ spec: z.object({ loadBalancerSourceRanges: z.array(z.string()) }) });

/** Services whose Service object takes connections from some ranges only, as the cluster showed it last. */
export function limitedServices(before: StateBefore): ReadonlySet<string> {
  const objects = ["InferenceService", "MultiNodeService"].flatMap((kind) =>
    foundIn(before, `${kind}$kubernetes:core/v1:Service`, limited),
  );
  return new Set(objects.map(({ name }) => name.replace(/-service$/, "")));
}
