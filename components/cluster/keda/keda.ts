import { APIService } from "@pulumi/kubernetes/apiregistration/v1";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { Namespace, Service, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import type { core } from "@pulumi/kubernetes/types/input";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../cluster";
import { untilRolledOut } from "../wait-for";
import { definitions } from "./definitions";
import { rights } from "./rights";

/** The release that these objects follow (docs/facts.md 20). */
const release = "2.20.1";

/** Namespace that KEDA is in. */
export const kedaNamespace = "keda";
/** Its two programs (docs/facts.md 20.1). */
export const kedaImages = {
  operator: `ghcr.io/kedacore/keda:${release}`,
  figures: `ghcr.io/kedacore/keda-metrics-apiserver:${release}`,
};
const operator = "keda-operator";
const labels = {
  "app.kubernetes.io/managed-by": "pulumi",
  "app.kubernetes.io/part-of": "keda",
};
const figures = "keda-metrics-apiserver";
/**
 * Port that the server of figures listens on, in place of 6443: the firewall of private nodes on GKE lets the API server reach 443 and this
 * one alone (docs/facts.md 20.15).
 */
const figuresPort = 10250;
/** Secret that the operator makes, with the certificates of both. */
const certificates = "kedaorg-certs";

/** Arguments for {@link Keda}. */
export interface KedaArgs {
  /** Cluster that it runs on. */
  cluster: Pick<Cluster, "provider">;
}

/**
 * KEDA, which scales Deployments on queries of Prometheus and on schedules: its operator, and the server that the cluster asks for
 * figures. As objects of ours: its manifest would be fetched from the network for a preview. Without the webhook that refuses
 * ScaledObjects beside other autoscalers: an entry has one, and the webhook would stand in the way of all Deployments.
 */
export class Keda extends pulumi.ComponentResource {
  /** What there is once services can be scaled. */
  readonly ready: pulumi.Resource;

  constructor(name: string, { cluster }: KedaArgs, opts?: pulumi.ComponentResourceOptions) {
    super("gpu-serving:index:Keda", name, {}, { ...opts, provider: cluster.provider });
    const child = { parent: this };
    const kinds = definitions(name, child);
    const home = new Namespace(name, { metadata: { name: kedaNamespace, labels } }, child);
    const within = home.metadata.name;
    const account = new ServiceAccount(
      `${name}-account`,
      { metadata: { name: operator, namespace: within, labels } },
      child,
    );
    const granted = rights(name, { account: operator, namespace: within }, child);
    const after = { ...child, dependsOn: [account, ...kinds, ...granted] };
    const own = { namespace: within, account: account.metadata.name };
    const ports = [{ name: "metricsservice", port: 9666, targetPort: 9666 }];
    const asked = new Service(
      `${name}-operator`,
      {
        metadata: { name: operator, namespace: within },
        spec: { selector: { app: operator }, ports },
      },
      // It waits for the operator's pods.
      after,
    );
    const running = program(`${name}-operator`, operator, own, operatorContainer, after);
    const server = program(`${name}-figures`, figures, own, figuresContainer, {
      ...child,
      // Its pods wait for the certificates that the operator makes.
      dependsOn: running,
    });
    const figuresService = new Service(
      `${name}-figures`,
      {
        metadata: { name: figures, namespace: within },
        spec: {
          selector: { app: figures },
          ports: [{ name: "https", port: 443, targetPort: figuresPort }],
        },
      },
      { ...child, dependsOn: server },
    );
    this.ready = new APIService(
      name,
      {
        metadata: { name: "v1beta1.external.metrics.k8s.io" },
        spec: {
          // The operator adds the authority that signed the server's certificate.
          service: { name: figures, namespace: within },
          ...{ group: "external.metrics.k8s.io", version: "v1beta1" },
          ...{ groupPriorityMinimum: 100, versionPriority: 100 },
        },
      },
      { ...child, dependsOn: [figuresService, asked] },
    );
    this.registerOutputs({});
  }
}

const resources = {
  requests: { cpu: "100m", memory: "100Mi" },
  limits: { cpu: "1000m", memory: "1000Mi" },
};

const environment = [
  { name: "WATCH_NAMESPACE", value: "" },
  { name: "POD_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
];

const probe = (path: string, port: number, initialDelaySeconds: number, scheme?: string) => ({
  httpGet: { path, port, ...(scheme !== undefined && { scheme }) },
  initialDelaySeconds,
});

const operatorContainer: Omit<core.v1.Container, "name"> = {
  image: kedaImages.operator,
  command: ["/keda"],
  args: [
    ...["--leader-elect", "--zap-log-level=info", "--zap-encoder=console"],
    ...["--zap-time-encoding=rfc3339", "--enable-cert-rotation=true"],
    // There is none of its webhooks.
    "--enable-webhook-patching=false",
  ],
  ports: [{ name: "metricsservice", containerPort: 9666 }],
  livenessProbe: probe("/healthz", 8081, 25),
  readinessProbe: probe("/readyz", 8081, 20),
};

const figuresContainer: Omit<core.v1.Container, "name"> = {
  image: kedaImages.figures,
  command: ["/keda-adapter"],
  args: [
    ...[`--secure-port=${figuresPort}`, "--zap-log-level=error", "--client-ca-file=/certs/ca.crt"],
    ...["--tls-cert-file=/certs/tls.crt", "--tls-private-key-file=/certs/tls.key"],
    "--cert-dir=/certs",
  ],
  ports: [{ name: "https", containerPort: figuresPort }],
  livenessProbe: probe("/healthz", figuresPort, 5, "HTTPS"),
  readinessProbe: probe("/readyz", figuresPort, 5, "HTTPS"),
};

/** Makes the pod of one of KEDA's two programs. */
function program(
  name: string,
  app: string,
  { namespace, account }: { namespace: pulumi.Input<string>; account: pulumi.Input<string> },
  container: Omit<core.v1.Container, "name">,
  opts: pulumi.CustomResourceOptions,
): Deployment {
  const ofPod = { app, "app.kubernetes.io/name": app };
  const secret = { secretName: certificates, ...(app === operator && { optional: true }) };
  return new Deployment(
    name,
    {
      metadata: {
        name: app,
        namespace,
        labels: { ...labels, ...ofPod },
        annotations: untilRolledOut(1),
      },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app } },
        template: {
          metadata: { labels: { ...labels, ...ofPod } },
          spec: {
            serviceAccountName: account,
            terminationGracePeriodSeconds: 10,
            nodeSelector: { "kubernetes.io/os": "linux" },
            securityContext: { runAsNonRoot: true },
            containers: [
              {
                name: app,
                ...{ resources, env: environment },
                securityContext: {
                  runAsNonRoot: true,
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ["ALL"] },
                  seccompProfile: { type: "RuntimeDefault" },
                },
                volumeMounts: [
                  { name: "certificates", mountPath: "/certs", readOnly: true },
                  { name: "temporary", mountPath: "/tmp" },
                ],
                ...container,
              },
            ],
            volumes: [
              { name: "certificates", secret },
              { name: "temporary", emptyDir: {} },
            ],
          },
        },
      },
    },
    opts,
  );
}
