import {
  MutatingWebhookConfiguration,
  ValidatingWebhookConfiguration,
} from "@pulumi/kubernetes/admissionregistration/v1";
import { CustomResourceDefinition } from "@pulumi/kubernetes/apiextensions/v1";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { Secret, Service, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1";
import { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from "@pulumi/kubernetes/rbac/v1";
import * as pulumi from "@pulumi/pulumi";
import { servingCertificate } from "./serving-certificate";

/** The controller's service account, whose pods must be allowed to make load balancers. */
export const controllerAccount = {
  namespace: "kube-system",
  serviceAccount: "aws-load-balancer-controller",
};

/** Arguments for {@link LoadBalancerController}. */
export interface LoadBalancerControllerArgs {
  /** Name of the cluster in the account. */
  clusterName: string;
  /** Region. */
  region: string;
  /** Id of the network; given, because pods do not reach the metadata of their node. */
  vpcId: pulumi.Input<string>;
  /** Tags of what it makes. */
  tags: Record<string, string>;
}

/**
 * The AWS load balancer controller, for Services of class `service.k8s.aws/nlb` alone. As objects of ours: its chart
 * would be fetched from the network for a preview, and makes another certificate each time it is rendered.
 */
export class LoadBalancerController extends pulumi.ComponentResource {
  constructor(
    name: string,
    args: LoadBalancerControllerArgs,
    opts: pulumi.ComponentResourceOptions,
  ) {
    super("gpu-serving:index:LoadBalancerController", name, {}, opts);
    const child = { parent: this };
    const account = new ServiceAccount(`${name}-account`, { metadata }, child);
    const subjects = [{ kind: "ServiceAccount", name: account.metadata.name, namespace }];
    const roleRef = (kind: string) => ({ apiGroup: "rbac.authorization.k8s.io", kind, name: app });
    const needed = [
      new ClusterRole(`${name}-cluster`, { metadata: global, rules }, child),
      new ClusterRoleBinding(
        `${name}-cluster`,
        { metadata: global, subjects, roleRef: roleRef("ClusterRole") },
        child,
      ),
      new Role(`${name}-leader`, { metadata, rules: leaderRules }, child),
      new RoleBinding(`${name}-leader`, { metadata, subjects, roleRef: roleRef("Role") }, child),
      ...Object.entries(kinds).map(
        ([plural, kind]) =>
          new CustomResourceDefinition(`${name}-${plural}`, definition(plural, kind), child),
      ),
    ];
    const made = servingCertificate(`${webhook}.${namespace}.svc`, new Date());
    const certificate = new Secret(
      `${name}-certificate`,
      {
        metadata: { ...metadata, name: "aws-load-balancer-tls" },
        type: "kubernetes.io/tls",
        data: { "tls.crt": base64(made.certificate), "tls.key": base64(made.key) },
      },
      // Made anew by each run, kept as the first one made it.
      { ...child, ignoreChanges: ["data"] },
    );
    const controller = new Deployment(
      name,
      {
        metadata,
        spec: {
          replicas: 2,
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: {
              serviceAccountName: account.metadata.name,
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
                  labelSelector: { matchLabels: labels },
                },
              ],
              containers: [
                {
                  name: app,
                  image,
                  args: flags(args),
                  ports: [{ name: "webhook-server", containerPort: 9443 }],
                  livenessProbe: {
                    httpGet: { path: "/healthz", port: 61779 },
                    initialDelaySeconds: 30,
                    timeoutSeconds: 10,
                  },
                  readinessProbe: {
                    httpGet: { path: "/readyz", port: 61779 },
                    initialDelaySeconds: 10,
                  },
                  resources: {
                    requests: { cpu: "100m", memory: "200Mi" },
                    limits: { memory: "400Mi" },
                  },
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
              volumes: [{ name: "certificate", secret: { secretName: certificate.metadata.name } }],
            },
          },
        },
      },
      { ...child, dependsOn: needed },
    );
    new PodDisruptionBudget(
      `${name}-budget`,
      { metadata, spec: { maxUnavailable: 1, selector: { matchLabels: labels } } },
      child,
    );
    const service = new Service(
      `${name}-webhook`,
      {
        metadata: { ...metadata, name: webhook },
        spec: { selector: labels, ports: [{ port: 443, targetPort: "webhook-server" }] },
      },
      { ...child, dependsOn: [controller] },
    );
    const caBundle = certificate.data.apply((data) => data["tls.crt"] ?? "");
    const asked = { ...child, dependsOn: [service] };
    const client = (path: string) => ({ caBundle, service: { name: webhook, namespace, path } });
    new MutatingWebhookConfiguration(
      `${name}-changes`,
      {
        metadata: { ...global, name: "aws-load-balancer-webhook" },
        webhooks: [
          {
            ...call("mpod"),
            clientConfig: client("/mutate-v1-pod"),
            // A pod without its gate is better than no pod while the controller is away.
            failurePolicy: "Ignore",
            namespaceSelector: { matchLabels: readinessGates },
            rules: [on("", "v1", ["CREATE"], "pods")],
          },
          {
            ...call("mtargetgroupbinding"),
            clientConfig: client("/mutate-elbv2-k8s-aws-v1beta1-targetgroupbinding"),
            failurePolicy: "Fail",
            rules: [on(group, "v1beta1", ["CREATE", "UPDATE"], "targetgroupbindings")],
          },
        ],
      },
      asked,
    );
    new ValidatingWebhookConfiguration(
      `${name}-checks`,
      {
        metadata: { ...global, name: "aws-load-balancer-webhook" },
        webhooks: [
          {
            ...call("vtargetgroupbinding"),
            clientConfig: client("/validate-elbv2-k8s-aws-v1beta1-targetgroupbinding"),
            failurePolicy: "Fail",
            rules: [on(group, "v1beta1", ["CREATE", "UPDATE"], "targetgroupbindings")],
          },
        ],
      },
      asked,
    );
    this.registerOutputs({});
  }
}

/** Label of namespaces whose pods are ready only once the load balancer sends them requests. */
export const readinessGates = { "elbv2.k8s.aws/pod-readiness-gate-inject": "enabled" } as const;

/** The release whose chart these objects follow (kubernetes-sigs/aws-load-balancer-controller, helm). */
const image = "public.ecr.aws/eks/aws-load-balancer-controller:v3.0.0";
const app = "aws-load-balancer-controller";
const webhook = "aws-load-balancer-webhook-service";
const group = "elbv2.k8s.aws";
const { namespace } = controllerAccount;
const labels = { "app.kubernetes.io/name": app };
const metadata = { name: app, namespace, labels };
const global = { name: app, labels };
const kinds = {
  targetgroupbindings: "TargetGroupBinding",
  ingressclassparams: "IngressClassParams",
};

function flags({ clusterName, region, vpcId, tags }: LoadBalancerControllerArgs) {
  const list = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
  return [
    `--cluster-name=${clusterName}`,
    `--aws-region=${region}`,
    pulumi.interpolate`--aws-vpc-id=${vpcId}`,
    "--feature-gates=ServiceTypeLoadBalancerOnly=true",
    ...(list.length > 0 ? [`--default-tags=${list.join(",")}`] : []),
  ];
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

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

/** A kind of the controller's own; it checks the content by its webhook. */
function definition(plural: string, kind: string) {
  const status = { subresources: { status: {} } };
  return {
    metadata: { name: `${plural}.${group}`, labels },
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
const rules = [
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
const leaderRules = [
  { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create"] },
  {
    apiGroups: ["coordination.k8s.io"],
    resources: ["leases"],
    resourceNames: ["aws-load-balancer-controller-leader"],
    verbs: ["get", "update", "patch"],
  },
];
