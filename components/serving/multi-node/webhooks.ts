import type { admissionregistration } from "@pulumi/kubernetes/types/input";

/** Names by which the controller finds its webhooks and gives them the certificate that it makes (docs/facts.md 21.7). */
export const names = {
  service: "lws-webhook-service",
  secret: "lws-webhook-server-cert",
  mutating: "lws-mutating-webhook-configuration",
  validating: "lws-validating-webhook-configuration",
} as const;

/** What a webhook is asked about. */
interface Asked {
  name: string;
  path: string;
  group: string;
  resource: string;
  operations: string[];
}

const sets = {
  ...{ group: "leaderworkerset.x-k8s.io", resource: "leaderworkersets" },
  operations: ["CREATE", "UPDATE"],
};
const pods = { group: "", resource: "pods" };

const mutated: readonly Asked[] = [
  {
    ...{ ...sets, name: "mleaderworkerset.kb.io" },
    path: "/mutate-leaderworkerset-x-k8s-io-v1-leaderworkerset",
  },
  { ...pods, name: "mpod.kb.io", path: "/mutate--v1-pod", operations: ["CREATE"] },
];

const validated: readonly Asked[] = [
  {
    ...{ ...sets, name: "vleaderworkerset.kb.io" },
    path: "/validate-leaderworkerset-x-k8s-io-v1-leaderworkerset",
  },
  { ...pods, name: "vpod.kb.io", path: "/validate--v1-pod", operations: ["CREATE", "UPDATE"] },
  {
    ...{ group: "disaggregatedset.x-k8s.io", resource: "disaggregatedsets" },
    ...{ name: "vdisaggregatedset.kb.io", operations: ["CREATE", "UPDATE"] },
    path: "/validate-disaggregatedset-x-k8s-io-v1-disaggregatedset",
  },
];

function webhook(
  namespace: string,
  { name, path, group, resource, operations }: Asked,
): admissionregistration.v1.MutatingWebhook & admissionregistration.v1.ValidatingWebhook {
  return {
    name,
    admissionReviewVersions: ["v1"],
    clientConfig: { service: { name: names.service, namespace, path } },
    failurePolicy: "Fail",
    sideEffects: "None",
    rules: [{ apiGroups: [group], apiVersions: ["v1"], operations, resources: [resource] }],
    // Of pods its own alone: others must not wait for it.
    ...(resource === "pods" && {
      objectSelector: {
        matchExpressions: [{ key: "leaderworkerset.sigs.k8s.io/name", operator: "Exists" }],
      },
    }),
  };
}

/** Webhooks of the controller in a namespace. */
export function webhooks(namespace: string) {
  return {
    mutating: mutated.map((asked) => webhook(namespace, asked)),
    validating: validated.map((asked) => webhook(namespace, asked)),
  };
}
