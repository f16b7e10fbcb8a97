import { userInfo } from "node:os";
import { z } from "zod";
import { ask, type Access } from "./access";
import { job, type Entry, type Job } from "./entry";

/** Seconds that a run which was started by hand stays with its logs: a week. */
const kept = 7 * 86400;

const account = z.object({ metadata: z.object({ name: z.string(), uid: z.string() }) });

/** Starts a run of an entry beside those that `up` and the schedule start. */
export async function startRun(to: Access, entry: Entry): Promise<Job> {
  const { name, namespace, spec } = entry;
  const { template, ...rest } = spec;
  const serviceAccount = template.spec.serviceAccountName;
  const owner =
    serviceAccount === undefined
      ? undefined
      : await ask(to, account, ["get", "serviceaccount", serviceAccount, "-n", namespace]);
  const run = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      generateName: `${name}-run-`,
      namespace,
      labels: entry.labels,
      annotations: { "gpu-serving/started-by": userInfo().username },
      // The account is there as long as the entry is: with it goes what was started by hand.
      ownerReferences: owner && [{ apiVersion: "v1", kind: "ServiceAccount", ...owner.metadata }],
    },
    spec: {
      ...rest,
      // The API server chooses them for each Job.
      selector: undefined,
      manualSelector: undefined,
      template: {
        ...template,
        metadata: { ...template.metadata, labels: ownLabels(template.metadata?.labels ?? {}) },
      },
      ttlSecondsAfterFinished: kept,
    },
  };
  return ask(to, job, ["create", "--filename", "-"], JSON.stringify(run));
}

/** Labels without those that tell the pods of one Job from those of another. */
function ownLabels(labels: Record<string, string>): Record<string, string> {
  const ofOneJob = /^(?:batch\.kubernetes\.io\/)?(?:controller-uid|job-name)$/;
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !ofOneJob.test(key)));
}
