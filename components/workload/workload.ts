import type * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../cluster/cluster";
import type { PodSecurity, Program, RunAs } from "./container";
import type { InitContainer } from "./init-containers";
import type { Network } from "./network";
import type { Sidecar } from "./sidecar-containers";
import type { Mounts } from "./volumes";

/** Annotations, by the objects that have them. */
export interface PodAnnotations {
  /** Of each pod. @default {} */
  pods?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Of the service account. @default {} */
  serviceAccount?: Readonly<Record<string, pulumi.Input<string>>>;
}

/** A service account that somebody else makes. */
export interface ExistingAccount {
  /** Its name. */
  name: pulumi.Input<string>;
  /** Whether the pods get its token for the cluster's API. @default false */
  token?: boolean;
}

/** What every workload takes, a server and a job. */
export interface WorkloadArgs extends Program, RunAs {
  /** Cluster it runs on. */
  cluster: Cluster;
  /** Namespace of all its objects. */
  namespace: pulumi.Input<string>;
  /** CPU a pod is promised, as a Kubernetes quantity; it may use more where there is more. @default "500m" */
  cpu?: pulumi.Input<string>;
  /** The most CPU its container uses, as a Kubernetes quantity; where there is one, its sidecar containers have limits, too. @default none */
  cpuLimit?: pulumi.Input<string>;
  /** Memory a pod is promised and limited to, as a Kubernetes quantity. @default "1Gi" promised, no limit */
  memory?: pulumi.Input<string>;
  /** GPUs of one pod. @default 0 */
  gpus?: number;
  /** Pool the pods run on. @default the only pool with that many GPUs in a node */
  pool?: string;
  /** Docker configurations (JSON) with the credentials to pull the image. @default [] */
  pullSecrets?: pulumi.Input<string>[];
  /** Pod Security Standard that the image passes. @default "restricted" */
  podSecurity?: PodSecurity;
  /** Labels of all its objects, pods included, besides ours. @default {} */
  labels?: Readonly<Record<string, string>>;
  /** Annotations of its pods and its service account. @default {} */
  annotations?: PodAnnotations;
  /** Service account of the namespace that the pods run as, made by somebody else. @default one of the workload's own */
  serviceAccount?: ExistingAccount;
  /** Name of a PriorityClass of the cluster. @default the cluster's default, as a rule priority 0 */
  priorityClass?: string;
  /** What the main container mounts, by absolute path. @default {} */
  mounts?: Mounts;
  /** Containers that run to their end, one after the other, before sidecars and the main container start; they share its mounts. @default [] */
  initContainers?: readonly InitContainer[];
  /** Sidecar containers by name, in the order in which they start; they share the main container's network and mounts. @default {} */
  sidecars?: Readonly<Record<string, Sidecar>>;
  /** Name of the main container, as logs and dashboards show it. @default the workload's name */
  container?: string;
  /** Whom its pods talk to. @default pods of its namespace may connect; it connects wherever its namespace lets it */
  network?: Network;
}
