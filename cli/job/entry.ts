import { z } from "zod";
import { Fault } from "../../process/fault";
import { nearest } from "../../components/spelling";
import { ask, type Access } from "./access";

const labels = z.record(z.string(), z.string()).optional();

const template = z.looseObject({
  metadata: z.looseObject({ labels }).optional(),
  spec: z.looseObject({ serviceAccountName: z.string().optional() }),
});

const jobSpec = z.looseObject({ template, completions: z.number().optional() });

const metadata = z.object({
  name: z.string(),
  namespace: z.string(),
  labels,
  creationTimestamp: z.string(),
});

const condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().optional(),
  message: z.string().optional(),
});

/** A Job as far as its progress is told of. */
export const job = z.object({
  kind: z.literal("Job"),
  metadata,
  spec: jobSpec,
  status: z.object({ conditions: z.array(condition).default([]) }).prefault({}),
});

const cronJob = z.object({
  kind: z.literal("CronJob"),
  metadata,
  spec: z.object({
    concurrencyPolicy: z.string().optional(),
    jobTemplate: z.object({ spec: jobSpec }),
  }),
});

const list = z.object({ items: z.array(z.discriminatedUnion("kind", [job, cronJob])) });

/** A Job. */
export type Job = z.output<typeof job>;

/** The job of an entry as the cluster has it, and its runs. */
export interface Entry {
  /** Name of the entry. */
  name: string;
  /** Namespace it is in. */
  namespace: string;
  /** Spec of each run. */
  spec: z.output<typeof jobSpec>;
  /** Labels of each run. */
  labels: Record<string, string>;
  /** Whether runs may go on side by side. */
  sideBySide: boolean;
  /** Its runs, the newest first. */
  runs: Job[];
}

/** The entry of this name in the cluster. */
export async function entryOf(to: Access, name: string, namespace?: string): Promise<Entry> {
  const selector = [
    "app.kubernetes.io/managed-by=pulumi",
    ...(to.stack === undefined ? [] : [`gpu-serving/stack=${to.stack}`]),
  ];
  const where = namespace === undefined ? ["--all-namespaces"] : ["--namespace", namespace];
  const args = ["get", "cronjobs,jobs", ...where, "--selector", selector.join(",")];
  const { items } = await ask(to, list, args);
  const heads = items.filter(({ metadata }) => metadata.name === metadata.labels?.app);
  const named = heads.filter(({ metadata }) => metadata.name === name);
  const [head] = named;
  const at = to.stack === undefined ? "the cluster" : `stack ${to.stack}`;
  if (!head) throw new Fault(unknown(name, at, [...new Set(heads.map(nameOf))].sort()));
  const namespaces = new Set(named.map(({ metadata }) => metadata.namespace));
  if (namespaces.size > 1) {
    throw new Fault(
      `Several jobs are called ${name}, in the namespaces ${[...namespaces].join(", ")}: name one with --namespace, or its stack with --stack.`,
    );
  }
  return {
    name,
    namespace: head.metadata.namespace,
    spec: head.kind === "CronJob" ? head.spec.jobTemplate.spec : head.spec,
    labels: head.metadata.labels ?? {},
    sideBySide: head.kind === "CronJob" && head.spec.concurrencyPolicy === "Allow",
    runs: items
      .filter((item): item is Job => item.kind === "Job" && item.metadata.labels?.app === name)
      .filter(({ metadata }) => metadata.namespace === head.metadata.namespace)
      .sort((a, b) => b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp)),
  };
}

function nameOf({ metadata }: { metadata: { name: string } }): string {
  return metadata.name;
}

function unknown(name: string, at: string, known: string[]): string {
  const meant = nearest(name, known);
  const there = known.length > 0 ? `Its jobs: ${known.join(", ")}.` : "It has no jobs yet.";
  const remedy = meant ? `Did you mean ${meant}?` : "Run pulumi up if the entry is new.";
  return `There is no job ${name} in ${at}. ${there} ${remedy}`;
}

/** How a run ended, unless it goes on. */
export function ending({ status }: Job): z.output<typeof condition> | undefined {
  return status.conditions.find(
    ({ type, status }) => ["Complete", "Failed"].includes(type) && status === "True",
  );
}
