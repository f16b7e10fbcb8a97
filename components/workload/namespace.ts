import {
  LimitRange,
  Namespace as KubernetesNamespace,
  ResourceQuota,
} from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../cluster/cluster";
import { keptAnnotation, objectLabels } from "./labels";
import { letIn } from "./namespace-access";
import { closeNetwork } from "./namespace-network";
import { defaultRequests } from "./resources";
import type { PodSecurity } from "./security";

/** Arguments for {@link Namespace}. */
export interface NamespaceArgs {
  /** Cluster the namespace is on. */
  cluster: Cluster;
  /** Pod Security Standard that pods in the namespace must pass. @default "restricted" */
  podSecurity?: PodSecurity;
  /** What all pods of the namespace may ask for together. @default no bound */
  quota?: NamespaceQuota;
  /** What a container may use that does not say so itself. @default as much as there is on its node */
  limits?: { cpu?: string; memory?: string };
  /** Whether it stays when it is no longer declared or its stack is destroyed, as what holds a disk that is kept has to. @default false */
  keep?: boolean;
  /** Groups (or `user:NAME`) that may watch, restart, scale and enter what runs here; they read no Secrets. @default [] */
  operators?: string[];
  /** Groups (or `user:NAME`) that may look at everything here but Secrets. @default [] */
  viewers?: string[];
}

/** What the pods of a namespace may ask for together; what is left out has no bound. */
export interface NamespaceQuota {
  /** GPUs, or shares of GPUs on a pool that shares them. */
  gpus?: number;
  /** CPU that is promised, as a Kubernetes quantity. */
  cpu?: string;
  /** Memory that is promised, as a Kubernetes quantity. */
  memory?: string;
  /** Pods that have not ended. */
  pods?: number;
}

/** A namespace that refuses pods below a Pod Security Standard and connections that nobody declared. */
export class Namespace extends pulumi.ComponentResource {
  /** Name of the namespace, known once it is ready for pods. */
  readonly name: pulumi.Output<string>;
  /** The same, known as soon as the namespace is there, and in previews. */
  readonly bare: pulumi.Output<string>;

  constructor(name: string, args: NamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("gpu-serving:index:Namespace", name, {}, { ...opts, provider: args.cluster.provider });
    const { podSecurity = "restricted", quota = {}, limits = {}, keep = false } = args;
    const child = { parent: this };

    const namespace = new KubernetesNamespace(
      name,
      {
        metadata: {
          name,
          labels: {
            ...args.cluster.namespaceLabels,
            ...objectLabels(name),
            "pod-security.kubernetes.io/enforce": podSecurity,
            "pod-security.kubernetes.io/warn": "restricted",
          },
          ...(keep && { annotations: { [keptAnnotation]: name } }),
        },
      },
      { ...child, retainOnDelete: keep },
    );
    const metadata = (role: string) => ({
      name: role,
      namespace: namespace.metadata.name,
      labels: objectLabels(name),
    });

    const limitRange = new LimitRange(
      `${name}-limits`,
      {
        metadata: metadata("containers"),
        // A pod that somebody starts by hand must count in the quota too.
        spec: { limits: [{ type: "Container", defaultRequest: defaultRequests, default: limits }] },
      },
      child,
    );
    const hard = bounds(quota);
    const bounded =
      Object.keys(hard).length > 0
        ? [
            new ResourceQuota(
              `${name}-quota`,
              { metadata: metadata("quota"), spec: { hard } },
              child,
            ),
          ]
        : [];
    const policies = closeNetwork(name, metadata, child);
    letIn(name, args, metadata, child);

    // Pods come when all of it is in force.
    const inForce = pulumi.all([limitRange, ...bounded, ...policies].map(({ id }) => id));
    this.bare = namespace.metadata.name;
    this.name = pulumi.all([namespace.metadata.name, inForce]).apply(([known]) => known);
    this.registerOutputs({ name: this.name });
  }
}

function bounds({ gpus, cpu, memory, pods }: NamespaceQuota): Record<string, string> {
  return {
    ...(gpus !== undefined && { "requests.nvidia.com/gpu": String(gpus) }),
    ...(cpu !== undefined && { "requests.cpu": cpu }),
    ...(memory !== undefined && { "requests.memory": memory }),
    ...(pods !== undefined && { pods: String(pods) }),
  };
}
