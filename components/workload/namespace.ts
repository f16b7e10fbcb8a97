import { Namespace as KubernetesNamespace } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../cluster/cluster";
import { objectLabels } from "./labels";
import type { PodSecurity } from "./security";

/** Arguments for {@link Namespace}. */
export interface NamespaceArgs {
  /** Cluster the namespace is on. */
  cluster: Cluster;
  /** Pod Security Standard that pods in the namespace must pass. @default "restricted" */
  podSecurity?: PodSecurity;
}

/** A namespace that refuses pods below a Pod Security Standard. */
export class Namespace extends pulumi.ComponentResource {
  /** Name of the namespace, known once it exists. */
  readonly name: pulumi.Output<string>;

  constructor(name: string, args: NamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("gpu-serving:index:Namespace", name, {}, { ...opts, provider: args.cluster.provider });
    const { podSecurity = "restricted" } = args;

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
        },
      },
      { parent: this },
    );

    this.name = namespace.metadata.name;
    this.registerOutputs({ name: this.name });
  }
}
