import { z } from "zod";
import { attemptAnnotation } from "../components/jobs/batch-job";
import type { StateBefore } from "./state-before";

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

const urn = /::gpu-serving:index:BatchJob\$kubernetes:batch\/v1:Job::(?<name>[^:]+)$/;

/**
 * What tells the attempt of each job from those before, by entry: the run that failed last, as far as the state knows.
 * Where the state has a run that goes on or succeeded, it is what it was: the job does not run again.
 */
export function attempts(before: StateBefore): Record<string, string> {
  return Object.fromEntries(
    [...before].flatMap(([of, outputs]) => {
      const name = urn.exec(of)?.groups?.name;
      const { data } = job.safeParse(outputs);
      if (name === undefined || !data) return [];
      const failed = data.status.conditions.some(
        ({ type, status }) => type === "Failed" && status === "True",
      );
      const attempt = failed
        ? data.metadata.uid
        : data.spec.template.metadata?.annotations?.[attemptAnnotation];
      return attempt === undefined ? [] : [[name, attempt]];
    }),
  );
}
