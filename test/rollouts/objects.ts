import type {
  CoreV1Event,
  V1ContainerStatus,
  V1DeploymentStatus,
  V1Pod,
  V1ReplicaSetCondition,
} from "@kubernetes/client-node";
import { ofDeployment, ofJob, type Observed } from "../../rollouts/workload";

/** When the watched update began. */
export const start = new Date("2026-11-29T12:00:00Z");

/** A time, in seconds after the start. */
export const at = (seconds: number) => new Date(start.getTime() + seconds * 1000);

const ownedBy = (uid: string) => [{ uid, apiVersion: "apps/v1", kind: "ReplicaSet", name: uid }];
const revision = (number: string) => ({ "deployment.kubernetes.io/revision": number });

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
  status?: Partial<V1ContainerStatus>;
  init?: Partial<V1ContainerStatus>;
}

/** A pod with one container `server`, whose startup probe asks /healthz. */
export function pod(facts: PodFacts = {}): V1Pod & { spec: { nodeName?: string } } {
  const { name = "chat-1", made = 1, ready = false, unschedulable, version = "new" } = facts;
  const { leaving, init, status = {}, phase = "Running", reason, message } = facts;
  const own = (name: string, more: Partial<V1ContainerStatus>): V1ContainerStatus => ({
    ...{ name, ready, restartCount: 0, image: "", imageID: "", state: { running: {} }, ...more },
  });
  const httpGet = { path: "/healthz", port: 8000 };
  const startupProbe = { failureThreshold: 30, periodSeconds: 2, httpGet };
  return {
    metadata: {
      ...{ name, uid: name, creationTimestamp: at(made), ownerReferences: ownedBy(version) },
      deletionTimestamp: leaving ? at(made + 1) : undefined,
    },
    spec: {
      nodeName: unschedulable === undefined ? "node" : undefined,
      containers: [{ name: "server", image: "models/chat:v2", startupProbe }],
      initContainers: init && [{ name: "fetch", image: "fetch:v1" }],
    },
    status: {
      ...{ phase, reason, message },
      conditions: [
        { type: "Ready", status: ready ? "True" : "False" },
        unschedulable === undefined
          ? { type: "PodScheduled", status: "True" }
          : {
              ...{ type: "PodScheduled", status: "False", reason: "Unschedulable" },
              message: unschedulable,
            },
      ],
      containerStatuses: unschedulable === undefined ? [own("server", status)] : [],
      initContainerStatuses: init && [own("fetch", init)],
    },
  };
}

/** An event of a pod's container, or of the pod. */
export function event(
  reason: string,
  message: string,
  { seconds = 5, count = 1, name = "chat-1", container = "server" } = {},
): CoreV1Event {
  return {
    ...{ metadata: {}, reason, message, count, lastTimestamp: at(seconds) },
    involvedObject: { name, fieldPath: `spec.containers{${container}}` },
  };
}

/** What is said of the Deployment itself. */
export interface DeploymentFacts {
  status?: V1DeploymentStatus;
  /** Conditions of the newest version. */
  conditions?: V1ReplicaSetCondition[];
  /** Conditions of the Deployment. */
  own?: V1ReplicaSetCondition[];
}

/** A Deployment of two replicas in the middle of a rollout. */
export function rolling(
  pods: V1Pod[],
  events: CoreV1Event[] = [],
  { status, conditions = [], own = [] }: DeploymentFacts = {},
): Observed {
  const set = (uid: string, number: string, conditions: V1ReplicaSetCondition[]) => ({
    metadata: { uid, ownerReferences: ownedBy("chat"), annotations: revision(number) },
    status: { replicas: 2, conditions },
  });
  const deployment = {
    metadata: { uid: "chat", generation: 2, annotations: revision("2") },
    spec: { replicas: 2, progressDeadlineSeconds: 600, selector: {}, template: {} },
    status: {
      ...{ observedGeneration: 2, replicas: 3, updatedReplicas: 1, availableReplicas: 2 },
      ...{ conditions: own, ...status },
    },
  };
  return ofDeployment(deployment, [set("old", "1", []), set("new", "2", conditions)], pods, events);
}

/** A Job of two workers, which are to start. */
export function job(pods: V1Pod[], events: CoreV1Event[] = [], status: object = {}): Observed {
  const spec = { parallelism: 2, template: {} };
  return ofJob({ metadata: { uid: "new" }, spec, status }, pods, events);
}
