import { Role, RoleBinding } from "@pulumi/kubernetes/rbac/v1";
import type { meta, rbac } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";

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

/** Lets groups and users look at a namespace (Kubernetes' own ClusterRole `view`), and operators work in it. */
export function letIn(
  name: string,
  { operators = [], viewers = [] }: { operators?: string[]; viewers?: string[] },
  metadata: (role: string) => meta.v1.ObjectMeta,
  child: pulumi.CustomResourceOptions,
): void {
  if (operators.length > 0) {
    const role = new Role(
      `${name}-operator`,
      { metadata: metadata("operator"), rules: operating },
      child,
    );
    new RoleBinding(
      `${name}-operators`,
      {
        metadata: metadata("operators"),
        subjects: operators.map(subject),
        roleRef: { apiGroup: rbacGroup, kind: "Role", name: role.metadata.name },
      },
      child,
    );
  }
  const watching = [...new Set([...operators, ...viewers])];
  if (watching.length > 0) {
    new RoleBinding(
      `${name}-viewers`,
      {
        metadata: metadata("viewers"),
        subjects: watching.map(subject),
        roleRef: { apiGroup: rbacGroup, kind: "ClusterRole", name: "view" },
      },
      child,
    );
  }
}

const rbacGroup = "rbac.authorization.k8s.io";

function subject(who: string): rbac.v1.Subject {
  const user = /^user:(.+)$/.exec(who)?.[1];
  return user === undefined
    ? { apiGroup: rbacGroup, kind: "Group", name: who }
    : { apiGroup: rbacGroup, kind: "User", name: user };
}
