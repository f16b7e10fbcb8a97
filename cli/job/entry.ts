import { userInfo } from "node:os";
import type { V1Job, V1ObjectMeta, V1OwnerReference } from "@kubernetes/client-node";
import { nearest } from "../../components/spelling";
import { Fault } from "../../process/fault";
import type { Access } from "./access";

/** The entry of this name in the cluster. */
export async function entryOf(to: Access, name: string, namespace?: string) {
  const { cronJobs, jobs } = await objectsOf(to, namespace);
  const heads = [
    ...cronJobs.map(({ metadata, spec }) => ({
      ...identityOf(metadata),
      spec: spec?.jobTemplate.spec,
      /** Whether runs may go on side by side. */
      sideBySide: spec?.concurrencyPolicy === "Allow",
    })),
    ...jobs.map(({ metadata, spec }) => ({ ...identityOf(metadata), spec, sideBySide: false })),
    // An object that is not called like its entry is a run of it.
  ].filter((one) => one.name !== "" && one.name === one.labels.app);
  const named = heads.filter((one) => one.name === name);
  const [head] = named;
  const at = to.stack === undefined ? "the cluster" : `stack ${to.stack}`;
  if (!head) throw new Fault(unknown(name, at, [...new Set(heads.map((one) => one.name))].sort()));
  const namespaces = new Set(named.map((one) => one.namespace));
  if (namespaces.size > 1) {
    throw new Fault(
      `Several jobs are called ${name}, in the namespaces ${[...namespaces].join(", ")}: name one with --namespace, or its stack with --stack.`,
    );
  }
  const { spec } = head;
  if (!spec) throw new Fault(`The job ${name} in ${at} has no spec: run pulumi up.`);
  const runs = jobs
    .filter(({ metadata }) => {
      const { labels, namespace } = identityOf(metadata);
      return labels.app === name && namespace === head.namespace;
    })
    .map(runOf)
    .sort((a, b) => b.created.getTime() - a.created.getTime());
  return {
    ...head,
    /** Spec of each run; its labels are those of the entry. */
    spec,
    /** The newest first. */
    runs,
  };
}

/** The job of an entry as the cluster has it. */
export type Entry = Awaited<ReturnType<typeof entryOf>>;

/** What the cluster has of a stack's jobs, or of all stacks'. */
async function objectsOf({ ask, stack }: Access, namespace: string | undefined) {
  const labelSelector = [
    "app.kubernetes.io/managed-by=pulumi",
    ...(stack === undefined ? [] : [`gpu-serving/stack=${stack}`]),
  ].join(",");
  const [cronJobs, jobs] = await Promise.all([
    ask(({ batch }) =>
      namespace === undefined
        ? batch.listCronJobForAllNamespaces({ labelSelector })
        : batch.listNamespacedCronJob({ namespace, labelSelector }),
    ),
    ask(({ batch }) =>
      namespace === undefined
        ? batch.listJobForAllNamespaces({ labelSelector })
        : batch.listNamespacedJob({ namespace, labelSelector }),
    ),
  ]);
  return { cronJobs: cronJobs?.items ?? [], jobs: jobs?.items ?? [] };
}

function identityOf({ name = "", namespace = "", labels = {} }: V1ObjectMeta = {}) {
  return { name, namespace, labels };
}

function unknown(name: string, at: string, known: string[]): string {
  const meant = nearest(name, known);
  const there = known.length > 0 ? `Its jobs: ${known.join(", ")}.` : "It has no jobs yet.";
  const fix = meant ? `Did you mean ${meant}?` : "Run pulumi up if the entry is new.";
  return `There is no job ${name} in ${at}. ${there} ${fix}`;
}

/** A Job as far as its progress is shown. */
export function runOf({ metadata, spec, status }: V1Job) {
  const { name, namespace } = identityOf(metadata);
  const ended = status?.conditions?.find(
    ({ type, status }) => ["Complete", "Failed"].includes(type) && status === "True",
  );
  const reason = [ended?.reason, ended?.message].filter(Boolean).join(": ");
  return {
    ...{ name, namespace },
    created: metadata?.creationTimestamp ?? new Date(0),
    /** Pods that must succeed. */
    completions: spec?.completions ?? 1,
    /** How it ended, and why in Kubernetes' words; undefined while it goes on. */
    ending: ended && { succeeded: ended.type === "Complete", reason },
  };
}

/** A Job: a run of an entry. */
export type Run = ReturnType<typeof runOf>;

/** Seconds that a run which was started by hand stays with its logs: a week. */
const kept = 7 * 86400;

/** Starts a run of an entry beside those that `up` and the schedule start. */
export async function startRun(to: Access, entry: Entry): Promise<Run> {
  const { name, namespace, labels, spec } = entry;
  const { template } = spec;
  const body = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      ...{ generateName: `${name}-run-`, namespace, labels },
      annotations: { "gpu-serving/started-by": userInfo().username },
      ownerReferences: await ownerOf(to, namespace, template.spec?.serviceAccountName),
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
