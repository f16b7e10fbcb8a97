import type { types } from "@pulumi/kubernetes";
import {
  MutatingWebhookConfiguration,
  ValidatingWebhookConfiguration,
} from "@pulumi/kubernetes/admissionregistration/v1";
import { CustomResourceDefinition } from "@pulumi/kubernetes/apiextensions/v1";
import { Secret, Service } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { controller, controllerNamespace as namespace } from "../controller";
import { tagList } from "../tag-list";
import { systemLabels } from "./group-settings";
import { readinessGates } from "./load-balancer";
import { servingCertificate } from "./serving-certificate";
import type { EksPlace } from "./settings";

const app = "aws-load-balancer-controller";

/** The release whose chart these objects follow (kubernetes-sigs/aws-load-balancer-controller, helm). */
const image = "public.ecr.aws/eks/aws-load-balancer-controller:v3.0.0";

/** The controller's service account, whose pods must be allowed to make load balancers. */
export const controllerAccount = { namespace, serviceAccount: app };

/** Arguments for {@link LoadBalancerController}. */
interface LoadBalancerControllerArgs extends EksPlace {
  /** Id of the network; given, because pods do not reach the metadata of their node. */
  vpcId: pulumi.Input<string>;
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
    const definitions = [
      definition("targetgroupbindings", "TargetGroupBinding", "Namespaced"),
      definition("ingressclassparams", "IngressClassParams", "Cluster"),
    ].map((of) => new CustomResourceDefinition(`${name}-${of.spec.names.plural}`, of, child));
    // Made anew by each run, kept as the first one made it.
    const made = servingCertificate(`${webhook}.${namespace}.svc`, new Date());
    const certificate = new Secret(
      `${name}-certificate`,
      {
        metadata: { name: "aws-load-balancer-tls", namespace, labels },
        type: "kubernetes.io/tls",
        data: { "tls.crt": base64(made.certificate), "tls.key": base64(made.key) },
      },
      { ...child, ignoreChanges: ["data"] },
    );
    const deployment = controller(
      name,
      {
        ...{ app, rules, nodeSelector: systemLabels, own: { role: "leader", rules: leaderRules } },
        container: container(args),
        volumes: [{ name: "certificate", secret: { secretName: certificate.metadata.name } }],
        after: definitions,
      },
      child,
    );
    const service = new Service(
      `${name}-webhook`,
      {
        metadata: { name: webhook, namespace, labels },
        spec: { selector: labels, ports: [{ port: 443, targetPort: "webhook-server" }] },
      },
      { ...child, dependsOn: [deployment] },
    );
    const { changes, checks } = webhooks(certificate.data.apply((data) => data["tls.crt"] ?? ""));
    const metadata = { name: "aws-load-balancer-webhook", labels };
    const answered = { ...child, dependsOn: [service] };
    new MutatingWebhookConfiguration(`${name}-changes`, { metadata, webhooks: changes }, answered);
    new ValidatingWebhookConfiguration(`${name}-checks`, { metadata, webhooks: checks }, answered);
    this.registerOutputs({});
  }
}

/** Name of the Service by which the API server asks the controller. */
const webhook = "aws-load-balancer-webhook-service";
const labels = { "app.kubernetes.io/name": app };

/** API group of the controller's own kinds. */
const group = "elbv2.k8s.aws";

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

/** A kind of the controller's own, whose content it checks itself. */
function definition(plural: string, kind: string, scope: "Namespaced" | "Cluster") {
  const schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  const version = { name: "v1beta1", served: true, storage: true };
  return {
    metadata: { name: `${plural}.${group}`, labels },
    spec: {
      group,
      scope,
      names: { plural, kind, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [
        {
          ...version,
          ...(scope === "Namespaced" && { subresources: { status: {} } }),
          schema: { openAPIV3Schema: schema },
        },
      ],
    },
  };
}

function container({ clusterName, region, vpcId, tags }: LoadBalancerControllerArgs) {
  const list = tagList(tags);
  const mountPath = "/tmp/k8s-webhook-server/serving-certs";
  return {
    image,
    args: [
      `--cluster-name=${clusterName}`,
      `--aws-region=${region}`,
      pulumi.interpolate`--aws-vpc-id=${vpcId}`,
      "--feature-gates=ServiceTypeLoadBalancerOnly=true",
      ...(list.length > 0 ? [`--default-tags=${list.join(",")}`] : []),
    ],
    ports: [{ name: "webhook-server", containerPort: 9443 }],
    livenessProbe: {
      httpGet: { path: "/healthz", port: 61779 },
      initialDelaySeconds: 30,
      timeoutSeconds: 10,
    },
    readinessProbe: { httpGet: { path: "/readyz", port: 61779 }, initialDelaySeconds: 10 },
    resources: { requests: { cpu: "100m", memory: "200Mi" }, limits: { memory: "400Mi" } },
    volumeMounts: [{ name: "certificate", mountPath, readOnly: true }],
  };
}

/** What the controller changes before it is stored, and what it refuses to have stored; it answers with the certificate. */
function webhooks(caBundle: pulumi.Output<string>) {
  const call = (
    name: string,
    path: string,
    rule: types.input.admissionregistration.v1.RuleWithOperations,
  ) => ({
    name: `${name}.${group}`,
    admissionReviewVersions: ["v1beta1"],
    sideEffects: "None",
    clientConfig: { caBundle, service: { name: webhook, namespace, path } },
    failurePolicy: "Fail",
    rules: [rule],
  });
  const pods = {
    apiGroups: [""],
    apiVersions: ["v1"],
    operations: ["CREATE"],
    resources: ["pods"],
  };
  const bindings = {
    ...{ apiGroups: [group], apiVersions: ["v1beta1"], operations: ["CREATE", "UPDATE"] },
    resources: ["targetgroupbindings"],
  };
  return {
    changes: [
      {
        ...call("mpod", "/mutate-v1-pod", pods),
        // A pod without its gate is better than no pod while the controller is away.
        failurePolicy: "Ignore",
        namespaceSelector: { matchLabels: readinessGates.nodeGroups },
      },
      call("mtargetgroupbinding", "/mutate-elbv2-k8s-aws-v1beta1-targetgroupbinding", bindings),
    ],
    checks: [
      call("vtargetgroupbinding", "/validate-elbv2-k8s-aws-v1beta1-targetgroupbinding", bindings),
    ],
  };
}

const read = ["get", "list", "watch"];
/** What it may do in the whole cluster (its chart, without what serves Ingresses and Gateways). */
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
/** How its replicas agree on one that works. */
const leaderRules = [
  { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create"] },
  {
    apiGroups: ["coordination.k8s.io"],
    resources: ["leases"],
    resourceNames: ["aws-load-balancer-controller-leader"],
    verbs: ["get", "update", "patch"],
  },
];
