import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { systemLabels } from "./group-settings";
import { readinessGates } from "./load-balancer";

/** Name of the controller. */
export const controller = "aws-load-balancer-controller";

/** Labels of its objects and pods. */
export const controllerLabels = { "app.kubernetes.io/name": controller };

/** API group of the controller's own kinds. */
const group = "elbv2.k8s.aws";

/** How the control plane reaches a webhook at a path. */
type Client = (path: string) => types.input.admissionregistration.v1.WebhookClientConfig;

/** What the controller changes before it is stored. */
export function mutatingWebhooks(client: Client) {
  return [
    {
      ...call("mpod"),
      clientConfig: client("/mutate-v1-pod"),
      // A pod without its gate is better than no pod while the controller is away.
      failurePolicy: "Ignore",
      namespaceSelector: { matchLabels: readinessGates.nodeGroups },
      rules: [on("", "v1", ["CREATE"], "pods")],
    },
    {
      ...call("mtargetgroupbinding"),
      clientConfig: client("/mutate-elbv2-k8s-aws-v1beta1-targetgroupbinding"),
      failurePolicy: "Fail",
      rules: [on(group, "v1beta1", ["CREATE", "UPDATE"], "targetgroupbindings")],
    },
  ];
}

/** What the controller refuses to have stored. */
export function validatingWebhooks(client: Client) {
  return [
    {
      ...call("vtargetgroupbinding"),
      clientConfig: client("/validate-elbv2-k8s-aws-v1beta1-targetgroupbinding"),
      failurePolicy: "Fail",
      rules: [on(group, "v1beta1", ["CREATE", "UPDATE"], "targetgroupbindings")],
    },
  ];
}

/** The release whose chart these objects follow (kubernetes-sigs/aws-load-balancer-controller, helm). */
const image = "public.ecr.aws/eks/aws-load-balancer-controller:v3.0.0";

/** The controller's pods. */
export function podSpec(
  serviceAccountName: pulumi.Input<string>,
  secretName: pulumi.Input<string>,
  args: pulumi.Input<string>[],
): types.input.core.v1.PodSpec {
  return {
    serviceAccountName,
    nodeSelector: systemLabels,
    priorityClassName: "system-cluster-critical",
    securityContext: {
      fsGroup: 65534,
      runAsNonRoot: true,
      runAsUser: 65534,
      seccompProfile: { type: "RuntimeDefault" },
    },
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: "topology.kubernetes.io/zone",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: controllerLabels },
      },
    ],
    containers: [
      {
        name: controller,
        image,
        args,
        ports: [{ name: "webhook-server", containerPort: 9443 }],
        livenessProbe: {
          httpGet: { path: "/healthz", port: 61779 },
          initialDelaySeconds: 30,
          timeoutSeconds: 10,
        },
        readinessProbe: { httpGet: { path: "/readyz", port: 61779 }, initialDelaySeconds: 10 },
        resources: { requests: { cpu: "100m", memory: "200Mi" }, limits: { memory: "400Mi" } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        },
        volumeMounts: [
          {
            name: "certificate",
            mountPath: "/tmp/k8s-webhook-server/serving-certs",
            readOnly: true,
          },
        ],
      },
    ],
    volumes: [{ name: "certificate", secret: { secretName } }],
  };
}

/** The controller's own kinds, by the plural of their names. */
export const kinds = {
  targetgroupbindings: "TargetGroupBinding",
  ingressclassparams: "IngressClassParams",
};

function call(webhookName: string) {
  return {
    name: `${webhookName}.${group}`,
    admissionReviewVersions: ["v1beta1"],
    sideEffects: "None",
  };
}

function on(apiGroup: string, version: string, operations: string[], resource: string) {
  return { apiGroups: [apiGroup], apiVersions: [version], operations, resources: [resource] };
}

/** A kind of the controller's own, whose content it checks itself. */
export function definition(plural: string, kind: string) {
  const status = { subresources: { status: {} } };
  return {
    metadata: { name: `${plural}.${group}`, labels: controllerLabels },
    spec: {
      group,
      scope: kind === "TargetGroupBinding" ? "Namespaced" : "Cluster",
      names: { plural, kind, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [
        {
          name: "v1beta1",
          served: true,
          storage: true,
          ...(kind === "TargetGroupBinding" ? status : {}),
          schema: {
            openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
          },
        },
      ],
    },
  };
}

const read = ["get", "list", "watch"];
/** What it may do in the whole cluster (its chart, without what serves Ingresses and Gateways). */
export const rules = [
  { apiGroups: [""], resources: ["configmaps"], verbs: ["create", "delete", "get", "update"] },
  { apiGroups: [""], resources: ["endpoints", "namespaces", "nodes", "pods"], verbs: read },
  { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
  { apiGroups: [""], resources: ["services"], verbs: [...read, "patch", "update"] },
  { apiGroups: [""], resources: ["pods/status", "services/status"], verbs: ["patch", "update"] },
  { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: read },
  { apiGroups: [group], resources: ["ingressclassparams"], verbs: read },
  {
    apiGroups: [group],
    resources: ["targetgroupbindings"],
    verbs: [...read, "create", "delete", "patch", "update"],
  },
  { apiGroups: [group], resources: ["targetgroupbindings/status"], verbs: ["patch", "update"] },
  { apiGroups: ["networking.k8s.io"], resources: ["ingresses", "ingressclasses"], verbs: read },
];
/** How its replicas agree on one that works. */
export const leaderRules = [
  { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create"] },
  {
    apiGroups: ["coordination.k8s.io"],
    resources: ["leases"],
    resourceNames: ["aws-load-balancer-controller-leader"],
    verbs: ["get", "update", "patch"],
  },
];
