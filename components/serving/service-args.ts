import type * as pulumi from "@pulumi/pulumi";
import type { Health } from "../workload/container";
import type { PodAnnotations, WorkloadArgs } from "../workload/workload";
import type { Exposure } from "./exposure";
import type { LogShipping } from "./log-shipping";
import type { ModelUpdates } from "./model-updates";
import type { Ports } from "./ports";

/** Annotations, by the objects that have them. */
export interface ServiceAnnotations extends PodAnnotations {
  /** Of the Service, besides those that its exposure needs. @default {} */
  service?: Readonly<Record<string, pulumi.Input<string>>>;
}

/** Arguments for an inference service, whose image serves a model over HTTP. */
export interface InferenceServiceArgs extends WorkloadArgs {
  /** Annotations of its pods, its Service and its service account. @default {} */
  annotations?: ServiceAnnotations;
  /** Port the server listens on, 1 to 65535. @default 8000 */
  port?: number;
  /** Replicas that run, 0 to 5000; with 0 the service keeps its address and nothing answers there. @default 1 */
  replicas?: number;
  /** More ports of its pods by name, of sidecar containers too: the Service offers each by its own number. @default {} */
  ports?: Ports;
  /** How a replica is asked whether the model can answer, a path that answers 200 for short. @default a replica is ready when its port takes connections */
  health?: Health;
  /** Seconds a replica may take from its node to its first answer, image pull included, 10 to 43200. @default 600 */
  startup?: number;
  /** Seconds that requests in flight get to finish when a replica stops. @default 30 */
  drain?: number;
  /** Who can reach the service. @default the cluster alone */
  expose?: Exposure;
  /** Whether its Service object limits source ranges, of an earlier exposure too. @default false */
  limitedBefore?: boolean;
  /** New versions of the model that come while the server runs. @default none come */
  modelUpdates?: ModelUpdates;
  /** Where the server's log files go. @default what it prints is all there is */
  logs?: LogShipping;
  /** Whole replicas that fit the pool beside everything else at its maximum. @default what this service alone leaves free */
  surgeSlots?: number;
  /** Seconds that rollouts of other services may hold those slots. @default 0 */
  surgeWaitSeconds?: number;
}

/** The arguments with their defaults. */
export function withDefaults(args: InferenceServiceArgs) {
  const { port = 8000, ports = {}, gpus = 0, replicas = 1 } = args;
  const { startup = 600, drain = 30, expose = {} } = args;
  return { ...args, port, ports, gpus, replicas, startup, drain, expose };
}

/** Arguments of which none is left open that has a default. */
export type CompleteArgs = ReturnType<typeof withDefaults>;
