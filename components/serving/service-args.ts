import type * as pulumi from "@pulumi/pulumi";
import type { PodAnnotations, WorkloadArgs } from "../workload/workload";
import type { Exposure } from "./exposure";
import type { LogShipping } from "./log-shipping";
import type { ModelUpdates } from "./model-updates";

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
  /** Replicas that run, from 1 up. @default 1 */
  replicas?: number;
  /** Path that answers 200 once the model can answer. @default a replica is ready when its port takes connections */
  health?: string;
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
  const { port = 8000, gpus = 0, replicas = 1, startup = 600, drain = 30, expose = {} } = args;
  return { ...args, port, gpus, replicas, startup, drain, expose };
}

/** Arguments of which none is left open that has a default. */
export type CompleteArgs = ReturnType<typeof withDefaults>;
