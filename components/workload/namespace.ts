import {
  LimitRange,
  Namespace as KubernetesNamespace,
  ResourceQuota,
} from "@pulumi/kubernetes/core/v1";
import { Role, RoleBinding } from "@pulumi/kubernetes/rbac/v1";
import type { rbac } from "@pulumi/kubernetes/types/input";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../cluster/cluster";
import { defaultRequests, type PodSecurity } from "./container";
import { keptAnnotation, metadataOf, objectLabels, type Owner } from "./labels";
import { closeNetwork } from "./network";
import { gpuResources } from "./scheduling";

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
  /** GPUs, or shares of GPUs on a pool that shares them; where pools offer several resources, of each of them. */
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
    const owner = { entry: name, namespace: namespace.metadata.name, child };
    const limitRange = new LimitRange(
      `${name}-limits`,
      {
        metadata: metadataOf(owner, "containers"),
        // A pod that somebody starts by hand must count in the quota too.
        spec: { limits: [{ type: "Container", defaultRequest: defaultRequests, default: limits }] },
      },
      child,
    );
    const guards: pulumi.CustomResource[] = [limitRange, ...closeNetwork(owner)];
    const hard = bounds(quota, gpuResources(args.cluster.pools));
    if (Object.keys(hard).length > 0) {
      const spec = { metadata: metadataOf(owner, "quota"), spec: { hard } };
      guards.push(new ResourceQuota(`${name}-quota`, spec, child));
    }
    letIn(owner, args);

    // Pods come when all of it is in force.
    const inForce = pulumi.all(guards.map(({ id }) => id));
    this.bare = namespace.metadata.name;
    this.name = pulumi.all([namespace.metadata.name, inForce]).apply(([known]) => known);
    this.registerOutputs({ name: this.name });
  }
}

/** A quota as Kubernetes has it, which bounds each resource of GPUs for itself (docs/facts.md 5.5). */
function bounds(
  { gpus, cpu, memory, pods }: NamespaceQuota,
  ofGpus: readonly string[],
): Record<string, string> {
  return {
    ...(gpus !== undefined &&
      Object.fromEntries(ofGpus.map((resource) => [`requests.${resource}`, String(gpus)]))),
    ...(cpu !== undefined && { "requests.cpu": cpu }),
    ...(memory !== undefined && { "requests.memory": memory }),
    ...(pods !== undefined && { pods: String(pods) }),
  };
}

/**
 * What operators may do beyond looking: restart, scale, enter and start again. They read no Secret by its name, but Kubernetes
 * cannot keep whoever patches a Deployment or creates a Job from having it mount one.
 */
const operating: rbac.v1.PolicyRule[] = [
  { apiGroups: [""], resources: ["pods"], verbs: ["delete"] },
  { apiGroups: [""], resources: ["pods/exec", "pods/portforward"], verbs: ["create", "get"] },
  { apiGroups: [""], resources: ["pods/eviction"], verbs: ["create"] },
  // `kubectl rollout restart` writes an annotation; there is no verb for that alone.
  { apiGroups: ["apps"], resources: ["deployments"], verbs: ["patch"] },
  { apiGroups: ["apps"], resources: ["deployments/scale"], verbs: ["patch", "update"] },
  { apiGroups: ["batch"], resources: ["jobs"], verbs: ["create", "delete"] },
  { apiGroups: ["batch"], resources: ["cronjobs"], verbs: ["patch"] },
];

const apiGroup = "rbac.authorization.k8s.io";

/** Lets groups and users look at a namespace (Kubernetes' own ClusterRole `view`), and operators work in it. */
function letIn(
  owner: Owner,
  { operators = [], viewers = [] }: Pick<NamespaceArgs, "operators" | "viewers">,
): void {
  const { entry, child } = owner;
  const bind = (role: string, who: string[], kind: string, to: pulumi.Input<string>) =>
    new RoleBinding(
      `${entry}-${role}`,
      {
        metadata: metadataOf(owner, role),
        subjects: who.map(subject),
        roleRef: { apiGroup, kind, name: to },
      },
      child,
    );
  if (operators.length > 0) {
    const role = { metadata: metadataOf(owner, "operator"), rules: operating };
    const { metadata } = new Role(`${entry}-operator`, role, child);
    bind("operators", operators, "Role", metadata.name);
  }
  const watching = [...new Set([...operators, ...viewers])];
  if (watching.length > 0) bind("viewers", watching, "ClusterRole", "view");
}

function subject(who: string): rbac.v1.Subject {
  const user = /^user:(.+)$/.exec(who)?.[1];
  return { apiGroup, kind: user === undefined ? "Group" : "User", name: user ?? who };
}
