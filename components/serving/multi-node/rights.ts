import type { rbac } from "@pulumi/kubernetes/types/input";

const look = ["get", "list", "watch"];
const change = [...look, "create", "delete", "patch", "update"];

/** What one group of APIs lets the controller do with its objects, their finalizers and their status. */
function owned(apiGroup: string, ...resources: string[]): rbac.v1.PolicyRule[] {
  const rule = (suffix: string, verbs: string[]) => ({
    apiGroups: [apiGroup],
    resources: resources.map((one) => `${one}${suffix}`),
    verbs,
  });
  return [
    rule("", change),
    rule("/finalizers", ["update"]),
    rule("/status", ["get", "patch", "update"]),
  ];
}

/** What the controller may do everywhere, as its own manifest says (docs/facts.md 21.7). */
export const everywhere: rbac.v1.PolicyRule[] = [
  { apiGroups: [""], resources: ["nodes"], verbs: [...look, "patch", "update"] },
  { apiGroups: [""], resources: ["pods", "services"], verbs: change },
  { apiGroups: [""], resources: ["pods/finalizers"], verbs: ["update"] },
  {
    apiGroups: ["", "events.k8s.io"],
    resources: ["events"],
    verbs: [...look, "create", "patch", "update"],
  },
  {
    apiGroups: ["admissionregistration.k8s.io"],
    resources: ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"],
    verbs: [...look, "update"],
  },
  // It looks at all Secrets to find the one of its certificate; it may change that one alone, by its role.
  { apiGroups: [""], resources: ["secrets"], verbs: look },
  ...owned("apps", "controllerrevisions", "statefulsets"),
  ...owned("leaderworkerset.x-k8s.io", "leaderworkersets"),
  ...owned("disaggregatedset.x-k8s.io", "disaggregatedsets"),
];

/** What it may do in its own namespace: elect one of its pods, and keep its certificate. */
export function inside(secret: string): rbac.v1.PolicyRule[] {
  return [
    { apiGroups: [""], resources: ["configmaps"], verbs: change },
    { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: change },
    { apiGroups: ["", "events.k8s.io"], resources: ["events"], verbs: ["create", "patch"] },
    { apiGroups: [""], resources: ["secrets"], resourceNames: [secret], verbs: ["update"] },
  ];
}
