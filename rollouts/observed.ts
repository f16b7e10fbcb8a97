import { z } from "zod";

/** A time, as the API or its client writes it. */
const time = z.coerce.date();
const text = z.string().nullish();

const metadata = z.object({
  name: z.string(),
  namespace: text,
  uid: z.string().default(""),
  generation: z.number().default(0),
  creationTimestamp: time.nullish(),
  deletionTimestamp: time.nullish(),
  labels: z.record(z.string(), z.string()).nullish(),
  annotations: z.record(z.string(), z.string()).nullish(),
  ownerReferences: z.array(z.object({ uid: z.string() })).nullish(),
});

const conditions = z
  .array(
    z.object({
      type: z.string(),
      status: z.string(),
      reason: text,
      message: text,
      lastTransitionTime: time.nullish(),
    }),
  )
  .nullish();

const probe = z
  .object({
    failureThreshold: z.number().nullish(),
    periodSeconds: z.number().nullish(),
    httpGet: z.object({ path: text }).nullish(),
  })
  .nullish();
const container = z.object({
  name: z.string(),
  image: text,
  startupProbe: probe,
  readinessProbe: probe,
});

const terminated = z.object({
  exitCode: z.number(),
  signal: z.number().nullish(),
  reason: text,
  message: text,
  finishedAt: time.nullish(),
});
const state = z
  .object({
    waiting: z.object({ reason: text, message: text }).nullish(),
    running: z.looseObject({}).nullish(),
    terminated: terminated.nullish(),
  })
  .nullish();
const statuses = z
  .array(
    z.object({
      name: z.string(),
      ready: z.boolean().default(false),
      restartCount: z.number().default(0),
      state,
      lastState: state,
    }),
  )
  .nullish();

/** A pod, as far as it tells what becomes of it. */
export const observedPod = z.object({
  metadata,
  spec: z.object({
    nodeName: text,
    containers: z.array(container),
    initContainers: z.array(container).nullish(),
  }),
  status: z.object({
    phase: text,
    reason: text,
    message: text,
    conditions,
    containerStatuses: statuses,
    initContainerStatuses: statuses,
  }),
});

/** What happened to an object, as the cluster noted it. */
export const observedEvent = z.object({
  reason: text,
  message: text,
  count: z.number().nullish(),
  series: z.object({ count: z.number().nullish(), lastObservedTime: time.nullish() }).nullish(),
  eventTime: time.nullish(),
  lastTimestamp: time.nullish(),
  involvedObject: z.object({ name: text, fieldPath: text }).nullish(),
});

const selector = z.object({ matchLabels: z.record(z.string(), z.string()).nullish() }).nullish();

/** A Deployment. */
export const observedDeployment = z.object({
  metadata,
  spec: z.object({
    replicas: z.number().nullish(),
    progressDeadlineSeconds: z.number().nullish(),
    selector,
  }),
  status: z
    .object({
      observedGeneration: z.number().nullish(),
      replicas: z.number().nullish(),
      updatedReplicas: z.number().nullish(),
      availableReplicas: z.number().nullish(),
      conditions,
    })
    .default({}),
});

/** A ReplicaSet: one version of a Deployment. */
export const observedReplicaSet = z.object({
  metadata,
  status: z.object({ conditions }).default({}),
});

/** A node. */
export const observedNode = z.object({ status: z.object({ conditions }).default({}) });

/** A Job. */
export const observedJob = z.object({
  metadata,
  spec: z.object({ parallelism: z.number().nullish(), selector }),
  status: z
    .object({
      ready: z.number().nullish(),
      succeeded: z.number().nullish(),
      failed: z.number().nullish(),
    })
    .default({}),
});

/** A DaemonSet. */
export const observedDaemonSet = z.object({
  metadata,
  spec: z.object({ selector }),
  status: z.object({
    observedGeneration: z.number().nullish(),
    desiredNumberScheduled: z.number().nullish(),
    updatedNumberScheduled: z.number().nullish(),
    numberAvailable: z.number().nullish(),
  }),
});

export type ObservedPod = z.output<typeof observedPod>;
export type ObservedEvent = z.output<typeof observedEvent>;
export type ObservedDeployment = z.output<typeof observedDeployment>;
export type ObservedJob = z.output<typeof observedJob>;
export type ObservedReplicaSet = z.output<typeof observedReplicaSet>;
export type ObservedDaemonSet = z.output<typeof observedDaemonSet>;
export type ContainerStatus = NonNullable<ObservedPod["status"]["containerStatuses"]>[number];
export type Condition = NonNullable<z.output<typeof conditions>>[number];

/** When an event happened last. */
export function lastTime({ series, lastTimestamp, eventTime }: ObservedEvent): Date | undefined {
  return series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? undefined;
}

/** How often it happened. */
export function timesSeen({ series, count }: ObservedEvent): number {
  return series?.count ?? count ?? 1;
}

/** The events of one container of a pod, or of a whole pod, oldest first. */
export function eventsOf(
  events: readonly ObservedEvent[],
  pod: ObservedPod,
  container?: string,
): ObservedEvent[] {
  return events
    .filter(({ involvedObject: about }) => about?.name === pod.metadata.name)
    .filter(
      ({ involvedObject: about }) =>
        container === undefined || about?.fieldPath?.endsWith(`{${container}}`) === true,
    )
    .sort((a, b) => (lastTime(a)?.getTime() ?? 0) - (lastTime(b)?.getTime() ?? 0));
}

/** Whether a pod has ended for good, as one that was evicted; another one takes its place. */
export function isDead({ status }: ObservedPod): boolean {
  return status.phase === "Failed";
}

/** The pod that a rollout waits for: one that is on its way, before one that has ended for good. */
export function awaited(pods: readonly ObservedPod[]): ObservedPod | undefined {
  const waiting = pods.filter((pod) => !isReady(pod));
  return waiting.find((pod) => !isDead(pod)) ?? waiting[0];
}

/** Whether a pod answers requests, or a node runs pods. */
export function isReady({
  status,
}: Pick<ObservedPod, "status"> | z.output<typeof observedNode>): boolean {
  return !!status.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
}
