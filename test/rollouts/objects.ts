import {
  observedDeployment,
  observedEvent,
  observedJob,
  observedPod,
  observedReplicaSet,
  type ContainerStatus,
  type ObservedEvent,
} from "../../rollouts/observed";
import { ofDeployment, ofJob, type Observed } from "../../rollouts/workload";

/** When the watched update began. */
export const start = new Date("2026-11-29T12:00:00Z");

/** A time, in seconds after the start. */
export const at = (seconds: number) => new Date(start.getTime() + seconds * 1000);

/** What is said of a pod of the newest version. */
export interface PodFacts {
  name?: string;
  /** Seconds after the start when it was made. @default 1 */
  made?: number;
  phase?: string;
  reason?: string;
  message?: string;
  /** The scheduler's sentence where no node fits. */
  unschedulable?: string;
  ready?: boolean;
  leaving?: boolean;
  /** Name of the version it is of. @default the newest */
  version?: string;
  status?: Partial<ContainerStatus>;
  init?: Partial<ContainerStatus>;
}

/** A pod with one container `server`, whose startup probe asks /healthz. */
export function pod(facts: PodFacts = {}) {
  const { name = "chat-1", made = 1, ready = false, unschedulable, version = "new" } = facts;
  const own = (of: string, status: Partial<ContainerStatus>) => ({
    ...{ name: of, ready, restartCount: 0, state: { running: {} }, ...status },
  });
  return observedPod.parse({
    metadata: {
      ...{ name, uid: name, creationTimestamp: at(made), ownerReferences: [{ uid: version }] },
      deletionTimestamp: facts.leaving ? at(made + 1) : undefined,
    },
    spec: {
      nodeName: unschedulable === undefined ? "node" : undefined,
      containers: [
        {
          ...{ name: "server", image: "models/chat:v2" },
          startupProbe: { failureThreshold: 30, periodSeconds: 2, httpGet: { path: "/healthz" } },
        },
      ],
      initContainers: facts.init ? [{ name: "fetch", image: "fetch:v1" }] : undefined,
    },
    status: {
      ...{ phase: facts.phase ?? "Running", reason: facts.reason, message: facts.message },
      conditions: [
        { type: "Ready", status: ready ? "True" : "False" },
        unschedulable === undefined
          ? { type: "PodScheduled", status: "True" }
          : {
              ...{ type: "PodScheduled", status: "False", reason: "Unschedulable" },
              message: unschedulable,
            },
      ],
      containerStatuses: unschedulable === undefined ? [own("server", facts.status ?? {})] : [],
      initContainerStatuses: facts.init ? [own("fetch", facts.init)] : undefined,
    },
  });
}

/** An event of a pod's container, or of the pod. */
export function event(
  reason: string,
  message: string,
  { seconds = 5, count = 1, name = "chat-1", container = "server" } = {},
): ObservedEvent {
  return observedEvent.parse({
    ...{ reason, message, count, lastTimestamp: at(seconds) },
    involvedObject: { name, fieldPath: `spec.containers{${container}}` },
  });
}

/** What is said of the Deployment itself. */
export interface DeploymentFacts {
  status?: object;
  /** Conditions of the newest version. */
  conditions?: object[];
  /** Conditions of the Deployment. */
  own?: object[];
}

/** A Deployment of two replicas in the middle of a rollout. */
export function rolling(
  pods: ReturnType<typeof pod>[],
  events: ObservedEvent[] = [],
  { status, conditions = [], own = [] }: DeploymentFacts = {},
): Observed {
  const set = (uid: string, revision: string, of: object[]) =>
    observedReplicaSet.parse({
      metadata: {
        ...{ name: uid, uid, ownerReferences: [{ uid: "chat" }] },
        annotations: { "deployment.kubernetes.io/revision": revision },
      },
      status: { conditions: of },
    });
  const deployment = observedDeployment.parse({
    metadata: {
      ...{ name: "chat", uid: "chat", generation: 2 },
      annotations: { "deployment.kubernetes.io/revision": "2" },
    },
    spec: { replicas: 2, progressDeadlineSeconds: 600 },
    status: {
      ...{ observedGeneration: 2, replicas: 3, updatedReplicas: 1, availableReplicas: 2 },
      ...{ conditions: own, ...status },
    },
  });
  const sets = [set("old", "1", []), set("new", "2", conditions)];
  return ofDeployment(deployment, sets, pods, events);
}

/** A Job of two workers, which are to start. */
export function job(
  pods: ReturnType<typeof pod>[],
  events: ObservedEvent[] = [],
  status: object = {},
): Observed {
  const read = observedJob.parse({
    metadata: { name: "study", uid: "new" },
    spec: { parallelism: 2 },
    status: { active: 2, ...status },
  });
  return ofJob(read, pods, events);
}
