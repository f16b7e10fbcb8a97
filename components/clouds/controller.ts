import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1";
import { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from "@pulumi/kubernetes/rbac/v1";
import type { core, rbac } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { untilRolledOut } from "../cluster/wait-for";

/** Arguments for {@link controller}. */
export interface ControllerArgs {
  /** Name of the controller, its service account and its roles. */
  app: string;
  /** What it may do everywhere. */
  rules: rbac.v1.PolicyRule[];
  /** Role of the resources that it has in its own namespace, and what it may do there. */
  own: { role: string; rules: rbac.v1.PolicyRule[] };
  /** Labels of the nodes that it runs on. */
  nodeSelector: Record<string, string>;
  /** Its container, besides name and security. */
  container: Omit<core.v1.Container, "name" | "securityContext">;
  /** Volumes of its pods. @default none */
  volumes?: core.v1.Volume[];
  /** What there must be before it starts, besides its rights. */
  after: pulumi.Resource[];
}

/** Pods of a controller, of which one is at work. */
const replicas = 2;

/** Namespace of controllers. */
export const controllerNamespace = "kube-system";

/** Makes a controller of the cluster: its service account and rights, its pods, and a budget that keeps one of them. */
export function controller(
  name: string,
  { app, rules, own, nodeSelector, container, volumes, after }: ControllerArgs,
  opts: pulumi.CustomResourceOptions,
): Deployment {
  const namespace = controllerNamespace;
  const labels = { "app.kubernetes.io/name": app };
  const metadata = { name: app, namespace, labels };
  const global = { name: app, labels };
  const account = new ServiceAccount(`${name}-account`, { metadata }, opts);
  const subjects = [{ kind: "ServiceAccount", name: account.metadata.name, namespace }];
  const everywhere = new ClusterRole(`${name}-cluster`, { metadata: global, rules }, opts);
  const inside = new Role(`${name}-${own.role}`, { metadata, rules: own.rules }, opts);
  const roleRef = (kind: string, { metadata }: ClusterRole | Role) => ({
    apiGroup: "rbac.authorization.k8s.io",
    kind,
    name: metadata.name,
  });
  const rights = [
    new ClusterRoleBinding(
      `${name}-cluster`,
      { metadata: global, subjects, roleRef: roleRef("ClusterRole", everywhere) },
      opts,
    ),
    new RoleBinding(
      `${name}-${own.role}`,
      { metadata, subjects, roleRef: roleRef("Role", inside) },
      opts,
    ),
  ];
  const selector = { matchLabels: labels };
  new PodDisruptionBudget(
    `${name}-budget`,
    { metadata, spec: { maxUnavailable: 1, selector } },
    opts,
  );
  const spec: core.v1.PodSpec = {
    serviceAccountName: account.metadata.name,
    nodeSelector,
    priorityClassName: "system-cluster-critical",
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65534,
      fsGroup: 65534,
      seccompProfile: { type: "RuntimeDefault" },
    },
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: "topology.kubernetes.io/zone",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: selector,
      },
    ],
    containers: [
      {
        name: app,
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        },
        ...container,
      },
    ],
    volumes,
  };
  return new Deployment(
    name,
    {
      metadata: { ...metadata, annotations: untilRolledOut(replicas) },
      spec: { replicas, selector, template: { metadata: { labels }, spec } },
    },
    { ...opts, dependsOn: [...rights, ...after] },
  );
}
