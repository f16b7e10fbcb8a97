import { userInfo } from "node:os";
import type { V1OwnerReference } from "@kubernetes/client-node";
import { Fault } from "../../process/fault";
import type { Access } from "./access";
import { runOf, type Entry, type Run } from "./entry";

/** Seconds that a run which was started by hand stays with its logs: a week. */
const kept = 7 * 86400;

/** Starts a run of an entry beside those that `up` and the schedule start. */
export async function startRun(to: Access, entry: Entry): Promise<Run> {
  const { name, namespace, labels, spec } = entry;
  const { template } = spec;
  const owner = await ownerOf(to, namespace, template.spec?.serviceAccountName);
  const body = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      ...{ generateName: `${name}-run-`, namespace, labels },
      annotations: { "gpu-serving/started-by": userInfo().username },
      ownerReferences: owner,
    },
    spec: {
      ...spec,
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
  const made = await to.ask(({ batch }) => batch.createNamespacedJob({ namespace, body }));
  if (made) return runOf(made);
  throw new Fault(`The namespace ${namespace} of ${name} is gone: run pulumi up.`);
}

/** The account is there as long as the entry is: with it goes what was started by hand. */
async function ownerOf(
  { ask }: Access,
  namespace: string,
  name: string | undefined,
): Promise<V1OwnerReference[] | undefined> {
  if (name === undefined) return undefined;
  const account = await ask(({ core }) => core.readNamespacedServiceAccount({ namespace, name }));
  const uid = account?.metadata?.uid;
  if (uid !== undefined) return [{ apiVersion: "v1", kind: "ServiceAccount", name, uid }];
  throw new Fault(`The service account ${name} in ${namespace} is gone: run pulumi up.`);
}

/** Labels without those that tell the pods of one Job from those of another. */
function ownLabels(labels: Record<string, string>): Record<string, string> {
  const ofOneJob = /^(?:batch\.kubernetes\.io\/)?(?:controller-uid|job-name)$/;
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !ofOneJob.test(key)));
}
