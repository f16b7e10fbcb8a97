import {
  MutatingWebhookConfiguration,
  ValidatingWebhookConfiguration,
} from "@pulumi/kubernetes/admissionregistration/v1";
import { CustomResourceDefinition } from "@pulumi/kubernetes/apiextensions/v1";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { Namespace, Secret, Service, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1";
import { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from "@pulumi/kubernetes/rbac/v1";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../../cluster/cluster";
import { untilRolledOut } from "../../cluster/wait-for";
import { hashedConfigMap } from "../../workload/hashed-objects";
import { configuration, controllerPod, webhookPort } from "./controller-pod";
import { definitions } from "./definitions";
import { everywhere, inside } from "./rights";
import { names, webhooks } from "./webhooks";

/** Arguments for {@link LeaderWorkerSetController}. */
export interface LeaderWorkerSetControllerArgs {
  /** Cluster that it runs on, which has none. */
  cluster: Cluster;
  /** Its image. @default version 0.9.0 */
  image?: pulumi.Input<string>;
}

/** Image of the controller (docs/facts.md 21.1). */
export const controllerImage = "registry.k8s.io/lws/lws:v0.9.0";

/** Namespace of its own manifest. */
export const controllerNamespace = "lws-system";
const app = "lws-controller-manager";
const labels = { "app.kubernetes.io/name": app, "app.kubernetes.io/managed-by": "pulumi" };
/** Pods of it, of which one is at work; both answer webhooks. */
const replicas = 2;

/** The controller of LeaderWorkerSets: what services on several nodes for each replica need, once in a cluster. */
export class LeaderWorkerSetController extends pulumi.ComponentResource {
  /** Its Deployment, which answers when it is through. */
  readonly ready: pulumi.Resource;

  constructor(
    name: string,
    { cluster, image = controllerImage }: LeaderWorkerSetControllerArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const options = { ...opts, provider: cluster.provider };
    super("gpu-serving:index:LeaderWorkerSetController", name, {}, options);

    const child = { parent: this };
    const kinds = definitions.map(
      ({ metadata, spec }) =>
        new CustomResourceDefinition(`${name}-${metadata.name}`, { metadata, spec }, child),
    );
    const home = new Namespace(
      `${name}-home`,
      { metadata: { name: controllerNamespace, labels } },
      child,
    );
    const within = { ...child, dependsOn: home };
    const metadata = { name: app, namespace: controllerNamespace, labels };
    const rights = makeRights(name, within);
    // It fills the certificate in itself.
    const secret = { metadata: { ...metadata, name: names.secret } };
    const kept = { ...within, ignoreChanges: ["data", "stringData"] };
    const certificate = new Secret(`${name}-certificate`, secret, kept);
    const { mutating, validating } = webhooks(controllerNamespace);
    const asked = [
      new MutatingWebhookConfiguration(
        `${name}-mutating`,
        { metadata: { name: names.mutating, labels }, webhooks: mutating },
        within,
      ),
      new ValidatingWebhookConfiguration(
        `${name}-validating`,
        { metadata: { name: names.validating, labels }, webhooks: validating },
        within,
      ),
    ];
    const owner = { entry: app, namespace: controllerNamespace, child: within };
    const config = hashedConfigMap(owner, "config", configuration).metadata.name;
    const pod = controllerPod({ cluster, image, account: app, config });
    const selector = { matchLabels: labels };
    const budget = { metadata, spec: { maxUnavailable: 1, selector } };
    new PodDisruptionBudget(`${name}-budget`, budget, within);
    const deployment = new Deployment(
      name,
      {
        metadata: { ...metadata, annotations: untilRolledOut(replicas) },
        spec: {
          ...{ replicas, selector },
          template: { metadata: { labels }, spec: pod },
        },
      },
      { ...within, dependsOn: [home, ...kinds, ...rights, certificate, ...asked] },
    );
    const ports = [{ port: 443, protocol: "TCP", targetPort: webhookPort }];
    this.ready = new Service(
      `${name}-webhooks`,
      { metadata: { ...metadata, name: names.service }, spec: { selector: labels, ports } },
      { ...within, dependsOn: deployment },
    );
    this.registerOutputs({});
  }
}

function makeRights(name: string, within: pulumi.CustomResourceOptions): pulumi.Resource[] {
  const metadata = { name: app, namespace: controllerNamespace, labels };
  const account = new ServiceAccount(`${name}-account`, { metadata }, within);
  const subjects = [
    { kind: "ServiceAccount", name: account.metadata.name, namespace: controllerNamespace },
  ];
  const apiGroup = "rbac.authorization.k8s.io";
  const all = { metadata: { name: app, labels }, rules: everywhere };
  const role = new ClusterRole(`${name}-cluster`, all, within);
  const own = new Role(`${name}-own`, { metadata, rules: inside(names.secret) }, within);
  return [
    new ClusterRoleBinding(
      `${name}-cluster`,
      {
        ...{ metadata: { name: app, labels }, subjects },
        roleRef: { apiGroup, kind: "ClusterRole", name: role.metadata.name },
      },
      within,
    ),
    new RoleBinding(
      `${name}-own`,
      { metadata, subjects, roleRef: { apiGroup, kind: "Role", name: own.metadata.name } },
      within,
    ),
  ];
}
