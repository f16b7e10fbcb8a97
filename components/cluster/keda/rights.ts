import { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from "@pulumi/kubernetes/rbac/v1";
import type { rbac } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";

const read = ["get", "list", "watch"];
const change = ["get", "list", "patch", "update", "watch"];
const all = ["create", "delete", ...change];

/** What KEDA may do everywhere, as in its `config/rbac/role.yaml` (docs/facts.md 20). */
const everywhere: rbac.v1.PolicyRule[] = [
  {
    apiGroups: [""],
    resources: ["configmaps", "configmaps/status", "external", "pods", "secrets", "services"],
    verbs: read,
  },
  { apiGroups: [""], resources: ["limitranges", "serviceaccounts"], verbs: ["list", "watch"] },
  { apiGroups: ["*"], resources: ["*"], verbs: ["get"] },
  { apiGroups: ["*"], resources: ["*/scale"], verbs: change },
  {
    apiGroups: ["admissionregistration.k8s.io"],
    resources: ["validatingwebhookconfigurations"],
    verbs: change,
  },
  { apiGroups: ["apiregistration.k8s.io"], resources: ["apiservices"], verbs: change },
  {
    apiGroups: ["apps"],
    resources: ["deployments", "replicasets", "statefulsets"],
    verbs: ["list", "watch"],
  },
  { apiGroups: ["autoscaling"], resources: ["horizontalpodautoscalers"], verbs: all },
  { apiGroups: ["batch"], resources: ["jobs"], verbs: all },
  { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: read },
  {
    apiGroups: ["eventing.keda.sh"],
    resources: [
      ...["cloudeventsources", "cloudeventsources/status"],
      ...["clustercloudeventsources", "clustercloudeventsources/status"],
    ],
    verbs: change,
  },
  { apiGroups: ["events.k8s.io"], resources: ["events"], verbs: ["create", "patch"] },
  {
    apiGroups: ["keda.sh"],
    resources: [
      ...["clustertriggerauthentications", "clustertriggerauthentications/status"],
      ...["scaledjobs", "scaledjobs/finalizers", "scaledjobs/status"],
      ...["scaledobjects", "scaledobjects/finalizers", "scaledobjects/status"],
      ...["triggerauthentications", "triggerauthentications/status"],
    ],
    verbs: change,
  },
];

/** What it may do in its own namespace. */
const inside: rbac.v1.PolicyRule[] = [
  { apiGroups: [""], resources: ["secrets"], verbs: all },
  { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: all },
];

/** Grants KEDA's account what it needs, and the controller of HorizontalPodAutoscalers KEDA's figures. */
export function rights(
  name: string,
  { account, namespace }: { account: string; namespace: pulumi.Input<string> },
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const keda = [{ kind: "ServiceAccount", name: account, namespace }];
  const own = { metadata: { name: account, namespace } };
  const reader = "keda-external-metrics-reader";
  const roles = [
    new ClusterRole(`${name}-everywhere`, { metadata: { name: account }, rules: everywhere }, opts),
    new Role(`${name}-inside`, { ...own, rules: inside }, opts),
    new ClusterRole(
      `${name}-figures`,
      {
        metadata: { name: reader },
        rules: [{ apiGroups: ["external.metrics.k8s.io"], resources: ["*"], verbs: ["*"] }],
      },
      opts,
    ),
  ];
  const after = { ...opts, dependsOn: roles };
  const bound = (kind: "ClusterRole" | "Role", of: string) => ({
    apiGroup: "rbac.authorization.k8s.io",
    ...{ kind, name: of },
  });
  const binding = (role: string, at: string, of: string, subjects: rbac.v1.Subject[]) =>
    new ClusterRoleBinding(
      `${name}-${role}`,
      { metadata: { name: at }, roleRef: bound("ClusterRole", of), subjects },
      after,
    );
  const system = "kube-system";
  const autoscalers = { kind: "ServiceAccount", name: "horizontal-pod-autoscaler" };
  return [
    binding("everywhere", account, account, keda),
    binding("delegator", "keda-system-auth-delegator", "system:auth-delegator", keda),
    binding("figures", "keda-hpa-controller-external-metrics", reader, [
      { ...autoscalers, namespace: system },
    ]),
    new RoleBinding(
      `${name}-inside`,
      { ...own, roleRef: bound("Role", account), subjects: keda },
      after,
    ),
    new RoleBinding(
      `${name}-reader`,
      {
        metadata: { name: "keda-auth-reader", namespace: system },
        roleRef: bound("Role", "extension-apiserver-authentication-reader"),
        subjects: keda,
      },
      after,
    ),
  ];
}
