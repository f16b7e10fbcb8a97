import { StatefulSet } from "@pulumi/kubernetes/apps/v1";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { Disk } from "../workload/disk";
import { hashedConfigMap, hashedSecret } from "../workload/hashed-objects";
import { labelsOf, metadataOf, selectorLabels } from "../workload/labels";
import type { Peer } from "../workload/network";
import { ruleFile, type AlertArgs } from "./alerts";
import { grafanaName } from "./grafana";
import {
  clusterService,
  ownerOf,
  policy,
  prometheusName,
  quietPod,
  reader,
  seenFromInside,
  type Place,
} from "./observer";
import { scrapeConfig, type KeyedService } from "./scrape";
import { stateMetricsTarget } from "./state-metrics";

/** Arguments for {@link Prometheus}. */
export interface PrometheusArgs extends Place, AlertArgs {
  /** Services that ask for a key, and the key. @default [] */
  keyed?: readonly (KeyedService & { key: pulumi.Input<string> })[];
  /** Seconds that figures are kept. @default 1296000, 15 days */
  retention?: number;
  /** Size of its disk in MiB; the oldest figures go when four fifths of it are full. @default 51200 */
  diskMiB?: number;
  /** Memory that it is promised and limited to, as a Kubernetes quantity. @default "2Gi" */
  memory?: string;
  /** Address of an Alertmanager, such as `http://alertmanager.monitoring:9093`. @default alerts are sent nowhere */
  alertmanager?: string;
  /** Who may ask it besides Grafana, such as an autoscaler. @default [] */
  readers?: readonly Peer[];
  /** Its image. @default pinned */
  image?: string;
}

/** Prometheus' own image (docs/facts.md 19.1). */
export const prometheusImage = "docker.io/prom/prometheus:v3.13.4";

/** Port that it answers at. */
const port = 9090;

/** The user of the image that it runs as. */
const nobody = 65534;

/** A Prometheus that reads the services of the stack, their GPUs and the state of their objects. */
export class Prometheus extends pulumi.ComponentResource {
  /** Address inside the cluster, known once it answers there. */
  readonly url: pulumi.Output<string>;

  constructor(name: string, args: PrometheusArgs, opts?: pulumi.ComponentResourceOptions) {
    const cluster = seenFromInside(args);
    super("gpu-serving:index:Prometheus", name, {}, { ...opts, provider: cluster.provider });
    const { namespace, keyed = [], retention = 1_296_000, diskMiB = 51_200 } = args;
    const { memory = "2Gi", image = prometheusImage } = args;
    const owner = ownerOf(prometheusName, args, this);

    const { account, rights } = reader(owner, args, [
      { apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] },
    ]);
    const network = policy(
      owner,
      port,
      [
        { podSelector: { matchLabels: selectorLabels(grafanaName) } },
        ...(args.readers ?? []).map(({ name: app, namespace: of }) => ({
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": of } },
          ...(app !== undefined && { podSelector: { matchLabels: selectorLabels(app) } }),
        })),
      ],
      // The API server, and pods of all namespaces at whichever port they say.
      [{}],
    );
    const disk = new Disk(
      prometheusName,
      { cluster, namespace, size: `${diskMiB}Mi`, keep: false },
      { parent: this },
    );
    const config = hashedConfigMap(owner, "config", {
      "prometheus.yaml": stringify(
        scrapeConfig({
          ...{ project: pulumi.getProject(), stack: pulumi.getStack(), keyed },
          ...{ stateMetrics: stateMetricsTarget, keys, alertmanager: args.alertmanager },
        }),
      ),
      "rules.yaml": stringify(ruleFile(args)),
    });
    const secret =
      keyed.length > 0
        ? hashedSecret(owner, "keys", Object.fromEntries(keyed.map((it) => [it.name, it.key])))
        : undefined;
    const server = new StatefulSet(
      prometheusName,
      {
        metadata: metadataOf(owner),
        spec: {
          replicas: 1,
          serviceName: prometheusName,
          selector: { matchLabels: selectorLabels(prometheusName) },
          template: {
            metadata: { labels: labelsOf(owner) },
            spec: quietPod(
              owner,
              args,
              nobody,
              {
                serviceAccountName: account,
                automountServiceAccountToken: true,
                // It writes what it has in memory to its disk.
                terminationGracePeriodSeconds: 300,
                volumes: [
                  { name: "config", configMap: { name: config.metadata.name } },
                  { name: "data", persistentVolumeClaim: { claimName: disk.claim } },
                  ...(secret
                    ? [{ name: "keys", secret: { secretName: secret.metadata.name } }]
                    : []),
                ],
              },
              {
                image,
                args: [
                  "--config.file=/etc/prometheus/prometheus.yaml",
                  "--storage.tsdb.path=/prometheus",
                  `--storage.tsdb.retention.time=${retention}s`,
                  `--storage.tsdb.retention.size=${Math.floor(diskMiB * 0.8)}MB`,
                  `--web.listen-address=:${port}`,
                ],
                ports: [{ name: "http", containerPort: port }],
                resources: { requests: { cpu: "250m", memory }, limits: { memory } },
                // After a crash it reads its log of writes again, which takes minutes.
                startupProbe: { ...ready, periodSeconds: 5, failureThreshold: 180 },
                readinessProbe: { ...ready, periodSeconds: 10 },
                livenessProbe: {
                  httpGet: { path: "/-/healthy", port },
                  ...{ periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
                },
                volumeMounts: [
                  { name: "config", mountPath: "/etc/prometheus", readOnly: true },
                  { name: "data", mountPath: "/prometheus" },
                  ...(secret ? [{ name: "keys", mountPath: keys, readOnly: true }] : []),
                ],
              },
            ),
          },
        },
      },
      { parent: this, dependsOn: [...rights, network] },
    );
    const service = clusterService(owner, { offered: port, targetPort: port }, server);
    this.url = pulumi
      .all([service.metadata.namespace, service.status])
      .apply(([of]) => prometheusUrl(of));
    this.registerOutputs({ url: this.url });
  }
}

/** Address of the Prometheus of a namespace. */
export function prometheusUrl(namespace: string): string {
  return `http://${prometheusName}.${namespace}.svc.cluster.local:${port}`;
}

const keys = "/etc/prometheus-keys";
const ready = { httpGet: { path: "/-/ready", port }, timeoutSeconds: 3 };
