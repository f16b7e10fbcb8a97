import { Deployment } from "@pulumi/kubernetes/apps/v1";
import * as pulumi from "@pulumi/pulumi";
import {
  clusterService,
  oneReplica,
  ownerOf,
  policy,
  prometheusPods,
  quietPod,
  reader,
  seenFromInside,
  type Place,
} from "./observer";

/** Image of kube-state-metrics (docs/facts.md 19.3). */
export const stateMetricsImage = "registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.20.0";

const entry = "kube-state-metrics";
const ports = { metrics: 8080, telemetry: 8081 };

/** What the Prometheus of its namespace reads it at. */
export const stateMetricsTarget = `${entry}:${ports.metrics}`;

/** kube-state-metrics: tells how many replicas there are, what restarts, and which nodes go. */
export class StateMetrics extends pulumi.ComponentResource {
  constructor(name: string, args: Place, opts?: pulumi.ComponentResourceOptions) {
    super(
      "gpu-serving:index:StateMetrics",
      name,
      {},
      { ...opts, provider: seenFromInside(args).provider },
    );
    const owner = ownerOf(entry, args, this);

    const list = { verbs: ["list", "watch"] };
    const { account, rights } = reader(owner, args, [
      { apiGroups: [""], resources: ["nodes", "pods"], ...list },
      { apiGroups: ["apps"], resources: ["deployments", "statefulsets"], ...list },
    ]);
    const network = policy(owner, ports.metrics, [prometheusPods], [{}]);
    const deployment = new Deployment(
      entry,
      oneReplica(
        owner,
        quietPod(
          owner,
          args,
          65534,
          { serviceAccountName: account, automountServiceAccountToken: true },
          {
            image: stateMetricsImage,
            args: ["--resources=deployments,nodes,pods,statefulsets"],
            ports: Object.entries(ports).map(([of, port]) => ({
              ...{ name: of, containerPort: port },
            })),
            resources: {
              requests: { cpu: "10m", memory: "256Mi" },
              limits: { memory: "256Mi" },
            },
            readinessProbe: { httpGet: { path: "/readyz", port: ports.telemetry } },
            livenessProbe: { httpGet: { path: "/livez", port: ports.metrics } },
          },
        ),
      ),
      { parent: this, dependsOn: [...rights, network] },
    );
    clusterService(owner, { offered: ports.metrics, targetPort: ports.metrics }, deployment);
    this.registerOutputs({});
  }
}
