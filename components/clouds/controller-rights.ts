import { ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from "@pulumi/kubernetes/rbac/v1";
import type { rbac } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";

/** What a controller of the cluster may do. */
export interface ControllerRightsArgs {
  /** Name of the controller, its service account and its roles. */
  app: string;
  /** Its namespace. */
  namespace: string;
  /** Labels of all of it. */
  labels: Record<string, string>;
  /** What it may do everywhere. */
  rules: rbac.v1.PolicyRule[];
  /** Role of the resources that it has in its own namespace, and what it may do there. */
  own: { role: string; rules: rbac.v1.PolicyRule[] };
}

/** Makes a controller's service account, and roles for it in the cluster and in its namespace. */
export function controllerRights(
  name: string,
  { app, namespace, labels, rules, own }: ControllerRightsArgs,
  opts: pulumi.CustomResourceOptions,
): { account: ServiceAccount; rights: pulumi.Resource[] } {
  const global = { name: app, labels };
  const metadata = { ...global, namespace };
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
  return { account, rights };
}
