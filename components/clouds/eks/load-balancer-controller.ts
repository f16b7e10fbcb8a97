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
import {
  controller,
  controllerLabels,
  definition,
  kinds,
  leaderRules,
  mutatingWebhooks,
  podSpec,
  rules,
  validatingWebhooks,
} from "./load-balancer-objects";
import { untilRolledOut } from "../../cluster/wait-for";
import { servingCertificate } from "./serving-certificate";

/** Pods of the controller, of which one is at work. */
const replicas = 2;

/** The controller's service account, whose pods must be allowed to make load balancers. */
export const controllerAccount = {
  namespace: "kube-system",
  serviceAccount: controller,
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
    const roleRef = (kind: string) => ({
      apiGroup: "rbac.authorization.k8s.io",
      kind,
      name: controller,
    });
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
    const deployment = new Deployment(
      name,
      {
        metadata: { ...metadata, annotations: untilRolledOut(replicas) },
        spec: {
          replicas,
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: podSpec(account.metadata.name, certificate.metadata.name, flags(args)),
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
      { ...child, dependsOn: [deployment] },
    );
    const caBundle = certificate.data.apply((data) => data["tls.crt"] ?? "");
    const asked = { ...child, dependsOn: [service] };
    const client = (path: string) => ({ caBundle, service: { name: webhook, namespace, path } });
    new MutatingWebhookConfiguration(
      `${name}-changes`,
      {
        metadata: { ...global, name: "aws-load-balancer-webhook" },
        webhooks: mutatingWebhooks(client),
      },
      asked,
    );
    new ValidatingWebhookConfiguration(
      `${name}-checks`,
      {
        metadata: { ...global, name: "aws-load-balancer-webhook" },
        webhooks: validatingWebhooks(client),
      },
      asked,
    );
    this.registerOutputs({});
  }
}

const webhook = "aws-load-balancer-webhook-service";
const { namespace } = controllerAccount;
const labels = controllerLabels;
const metadata = { name: controller, namespace, labels };
const global = { name: controller, labels };

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
