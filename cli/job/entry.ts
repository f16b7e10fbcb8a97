import type { V1CronJob, V1Job, V1JobSpec, V1ObjectMeta } from "@kubernetes/client-node";
import { Fault } from "../../process/fault";
import { nearest } from "../../components/spelling";
import type { Access } from "./access";

/** A Job: a run of an entry. */
export interface Run {
  name: string;
  namespace: string;
  created: Date;
  /** Pods that must succeed. */
  completions: number;
  /** How it ended. @default it goes on */
  ending?: Ending;
}

/** How a run ended. */
export interface Ending {
  succeeded: boolean;
  /** Why, in Kubernetes' words. */
  reason: string;
}

/** The job of an entry as the cluster has it, and its runs. */
export interface Entry {
  /** Name of the entry. */
  name: string;
  /** Namespace it is in. */
  namespace: string;
  /** Spec of each run. */
  spec: V1JobSpec;
  /** Labels of each run. */
  labels: Record<string, string>;
  /** Whether runs may go on side by side. */
  sideBySide: boolean;
  /** Its runs, the newest first. */
  runs: Run[];
}

/** The entry of this name in the cluster. */
export async function entryOf(to: Access, name: string, namespace?: string): Promise<Entry> {
  const { cronJobs, jobs } = await objectsOf(to, namespace);
  const heads = [...cronJobs, ...jobs].filter(isHead);
  const named = heads.filter((one) => nameOf(one) === name);
  const [head] = named;
  const at = to.stack === undefined ? "the cluster" : `stack ${to.stack}`;
  if (!head) throw new Fault(unknown(name, at, [...new Set(heads.map(nameOf))].sort()));
  const namespaces = new Set(named.map(namespaceOf));
  if (namespaces.size > 1) {
    throw new Fault(
      `Several jobs are called ${name}, in the namespaces ${[...namespaces].join(", ")}: name one with --namespace, or its stack with --stack.`,
    );
  }
  const schedule = cronJobs.find((one) => one === head)?.spec;
  const spec = schedule?.jobTemplate.spec ?? jobs.find((one) => one === head)?.spec;
  if (!spec) throw new Fault(`The job ${name} in ${at} has no spec: run pulumi up.`);
  return {
    ...{ name, spec, namespace: namespaceOf(head) },
    labels: head.metadata?.labels ?? {},
    sideBySide: schedule?.concurrencyPolicy === "Allow",
    runs: jobs
      .filter((one) => one.metadata?.labels?.app === name && namespaceOf(one) === namespaceOf(head))
      .map(runOf)
      .sort((a, b) => b.created.getTime() - a.created.getTime()),
  };
}

/** What the cluster has of a stack's jobs, or of all stacks'. */
async function objectsOf(
  { ask, stack }: Access,
  namespace: string | undefined,
): Promise<{ cronJobs: V1CronJob[]; jobs: V1Job[] }> {
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

interface WithMetadata {
  metadata?: V1ObjectMeta;
}

/** Whether an object is an entry's own, and not a run of it. */
function isHead(one: WithMetadata): boolean {
  return one.metadata?.name !== undefined && one.metadata.name === one.metadata.labels?.app;
}

function nameOf({ metadata }: WithMetadata): string {
  return metadata?.name ?? "";
}

function namespaceOf({ metadata }: WithMetadata): string {
  return metadata?.namespace ?? "";
}

function unknown(name: string, at: string, known: string[]): string {
  const meant = nearest(name, known);
  const there = known.length > 0 ? `Its jobs: ${known.join(", ")}.` : "It has no jobs yet.";
  const fix = meant ? `Did you mean ${meant}?` : "Run pulumi up if the entry is new.";
  return `There is no job ${name} in ${at}. ${there} ${fix}`;
}

/** A Job as far as its progress is shown. */
export function runOf(job: V1Job): Run {
  const ended = job.status?.conditions?.find(
    ({ type, status }) => ["Complete", "Failed"].includes(type) && status === "True",
  );
  const reason = [ended?.reason, ended?.message].filter(Boolean).join(": ");
  return {
    ...{ name: nameOf(job), namespace: namespaceOf(job) },
    created: job.metadata?.creationTimestamp ?? new Date(0),
    completions: job.spec?.completions ?? 1,
    ...(ended && { ending: { succeeded: ended.type === "Complete", reason } }),
  };
}
