import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { LimitRange, Namespace, Service, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1";
import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";

const file = join(__dirname, "..", "..", ".local", "kubeconfig");
const provider = new Provider("cluster", {
  kubeconfig: pulumi.secret(readFileSync(file, "utf8")),
});
const opts = { provider };
const labels = {
  app: "digits",
  "app.kubernetes.io/name": "digits",
  "app.kubernetes.io/managed-by": "pulumi",
  "app.kubernetes.io/part-of": "handwritten",
  "gpu-serving/stack": "bench",
};
const selector = { matchLabels: { app: "digits" } };

const namespace = new Namespace("vision", { metadata: { name: "vision-handwritten" } }, opts);
const inNamespace = (name: string) => ({ name, namespace: namespace.metadata.name, labels });
const requests = { cpu: "500m", memory: "1Gi" };
new LimitRange(
  "vision-limits",
  {
    metadata: inNamespace("containers"),
    spec: { limits: [{ type: "Container", defaultRequest: requests }] },
  },
  opts,
);
new NetworkPolicy(
  "vision-closed",
  {
    metadata: inNamespace("closed"),
    spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
  },
  opts,
);
new NetworkPolicy(
  "vision-dns",
  {
    metadata: inNamespace("dns"),
    spec: {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [{ ports: ["UDP", "TCP"].map((protocol) => ({ protocol, port: 53 })) }],
    },
  },
  opts,
);
const metadata = { name: "digits", namespace: namespace.metadata.name, labels };
const account = new ServiceAccount(
  "digits-account",
  { metadata, automountServiceAccountToken: false },
  opts,
);
const check = { httpGet: { path: "/healthz", port: 8000 } };
new Deployment(
  "digits",
  {
    metadata,
    spec: {
      replicas: 2,
      revisionHistoryLimit: 3,
      minReadySeconds: 10,
      progressDeadlineSeconds: 600,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      selector,
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: account.metadata.name,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
          terminationGracePeriodSeconds: 35,
          nodeSelector: { "gpu-serving/pool": "dev" },
          tolerations: [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }],
          topologySpreadConstraints: ["kubernetes.io/hostname", "topology.kubernetes.io/zone"].map(
            (topologyKey) => ({
              topologyKey,
              maxSkew: 1,
              whenUnsatisfiable: "ScheduleAnyway",
              labelSelector: selector,
            }),
          ),
          containers: [
            {
              name: "digits",
              image: "digits:dev",
              imagePullPolicy: "IfNotPresent",
              ports: [{ containerPort: 8000 }],
              resources: {
                requests: { cpu: "100m", memory: "512Mi" },
                limits: { memory: "512Mi", "nvidia.com/gpu": "1" },
              },
              securityContext: {
                allowPrivilegeEscalation: false,
                capabilities: { drop: ["ALL"] },
              },
              lifecycle: { preStop: { sleep: { seconds: 15 } } },
              startupProbe: { ...check, periodSeconds: 2, failureThreshold: 30 },
              readinessProbe: { ...check, periodSeconds: 5 },
              livenessProbe: { ...check, periodSeconds: 10, failureThreshold: 6 },
            },
          ],
        },
      },
    },
  },
  opts,
);
const service = new Service(
  "digits-service",
  {
    metadata,
    spec: {
      type: "LoadBalancer",
      loadBalancerSourceRanges: ["127.0.0.0/8"],
      selector: { app: "digits" },
      ports: [{ name: "http", protocol: "TCP", port: 80, targetPort: 8000 }],
    },
  },
  opts,
);
new PodDisruptionBudget("digits-budget", { metadata, spec: { maxUnavailable: 1, selector } }, opts);
new NetworkPolicy(
  "digits-network",
  {
    metadata,
    spec: {
      podSelector: selector,
      policyTypes: ["Ingress", "Egress"],
      ingress: [{ ports: [{ protocol: "TCP", port: 8000 }] }],
      egress: [{ to: [{ podSelector: {} }] }],
    },
  },
  opts,
);

/** Address of the service. */
export const url = service.status.loadBalancer.ingress.apply(([at]) => `http://${at?.ip ?? ""}`);
