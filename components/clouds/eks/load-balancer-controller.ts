import {
  MutatingWebhookConfiguration,
  ValidatingWebhookConfiguration,
} from "@pulumi/kubernetes/admissionregistration/v1";
import { CustomResourceDefinition } from "@pulumi/kubernetes/apiextensions/v1";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { Secret, Service } from "@pulumi/kubernetes/core/v1";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1";
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
import { controllerRights } from "../controller-rights";
import { tagList } from "../tag-list";
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
    const { account, rights } = controllerRights(
      name,
      { app: controller, namespace, labels, rules, own: { role: "leader", rules: leaderRules } },
      child,
    );
    const definitions = Object.entries(kinds).map(
      ([plural, kind]) =>
        new CustomResourceDefinition(`${name}-${plural}`, definition(plural, kind), child),
    );
    const certificate = certificateOf(name, child);
    const spec = podSpec(account.metadata.name, certificate.metadata.name, flags(args));
    const deployment = new Deployment(
      name,
      {
        metadata: { ...metadata, annotations: untilRolledOut(replicas) },
        spec: {
          replicas,
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec },
        },
      },
      { ...child, dependsOn: [...rights, ...definitions] },
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
    webhooks(name, certificate, { ...child, dependsOn: [service] });
    this.registerOutputs({});
  }
}

/** Certificate of the controller's webhooks. Made anew by each run, kept as the first one made it. */
function certificateOf(name: string, { parent }: { parent: pulumi.Resource }): Secret {
  const made = servingCertificate(`${webhook}.${namespace}.svc`, new Date());
  return new Secret(
    `${name}-certificate`,
    {
      metadata: { ...metadata, name: "aws-load-balancer-tls" },
      type: "kubernetes.io/tls",
      data: { "tls.crt": base64(made.certificate), "tls.key": base64(made.key) },
    },
    { parent, ignoreChanges: ["data"] },
  );
}

/** Has the API server ask the controller, which answers with the certificate. */
function webhooks(name: string, certificate: Secret, opts: pulumi.CustomResourceOptions): void {
  const caBundle = certificate.data.apply((data) => data["tls.crt"] ?? "");
  const client = (path: string) => ({ caBundle, service: { name: webhook, namespace, path } });
  const global = { name: "aws-load-balancer-webhook", labels };
  new MutatingWebhookConfiguration(
    `${name}-changes`,
    { metadata: global, webhooks: mutatingWebhooks(client) },
    opts,
  );
  new ValidatingWebhookConfiguration(
    `${name}-checks`,
    { metadata: global, webhooks: validatingWebhooks(client) },
    opts,
  );
}

const webhook = "aws-load-balancer-webhook-service";
const { namespace } = controllerAccount;
const labels = controllerLabels;
const metadata = { name: controller, namespace, labels };

function flags({ clusterName, region, vpcId, tags }: LoadBalancerControllerArgs) {
  const list = tagList(tags);
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
