import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../cluster/cluster";
import { hashedSecret } from "../workload/hashed-objects";
import { metadataOf, type Owner } from "../workload/labels";
import { ruleFile, type AlertArgs } from "./alerts";
import { dashboards } from "./dashboards";
import { announcedPods, type KeyedService, type Relabelling } from "./scrape";

/** Arguments for {@link OperatedMonitoring}. */
export interface OperatedMonitoringArgs extends AlertArgs {
  /** Cluster that has the Prometheus operator. */
  cluster: Cluster;
  /** Namespace that monitors, rules and dashboards go to. */
  namespace: string;
  /** Labels by which Prometheus selects monitors and rules. @default {} */
  labels?: Readonly<Record<string, string>>;
  /** Labels by which Grafana selects the ConfigMaps of dashboards. @default { grafana_dashboard: "1" } */
  dashboardLabels?: Readonly<Record<string, string>>;
  /** Services that ask for a key, and the key. @default [] */
  keyed?: readonly (KeyedService & { key: pulumi.Input<string> })[];
}

/** What a cluster with a Prometheus operator and a Grafana lacks to watch the services of a stack: monitors, rules and dashboards. */
export class OperatedMonitoring extends pulumi.ComponentResource {
  constructor(name: string, args: OperatedMonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
    const { cluster, namespace, labels = {}, keyed = [] } = args;
    super(
      "gpu-serving:index:OperatedMonitoring",
      name,
      {},
      { ...opts, provider: cluster.provider },
    );
    const entry = `${pulumi.getProject()}-${pulumi.getStack()}`;
    const owner = { entry, namespace, labels, child: { parent: this } };

    podMonitor(owner, "services", [...args.namespaces], {
      relabelings: [...leftOut(keyed), ...services()].map(camelCased),
    });
    for (const { name: service, namespace: of, key } of keyed) {
      const secret = hashedSecret(owner, `${service}-key`, { key });
      podMonitor(owner, service, [of], {
        authorization: { credentials: { name: secret.metadata.name, key: "key" } },
        relabelings: [only({ name: service, namespace: of }), ...services()].map(camelCased),
      });
    }
    new CustomResource(
      `${name}-rules`,
      {
        apiVersion: "monitoring.coreos.com/v1",
        kind: "PrometheusRule",
        metadata: metadataOf(owner),
        spec: ruleFile(args),
      },
      owner.child,
    );
    const { dashboardLabels = { grafana_dashboard: "1" } } = args;
    for (const [file, board] of Object.entries(dashboards())) {
      const named = file.replace(/\.json$/, "");
      new ConfigMap(
        `${name}-${named}`,
        {
          metadata: metadataOf({ ...owner, labels: dashboardLabels }, `${entry}-${named}`),
          data: { [file]: JSON.stringify(board) },
        },
        owner.child,
      );
    }
    this.registerOutputs({});
  }
}

function services(): Relabelling[] {
  return announcedPods({ project: pulumi.getProject(), stack: pulumi.getStack() });
}

function podMonitor(owner: Owner, role: string, namespaces: string[], endpoint: object): void {
  new CustomResource(
    `${owner.entry}-${role}-monitor`,
    {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PodMonitor",
      metadata: metadataOf(owner, `${owner.entry}-${role}`),
      spec: {
        namespaceSelector: { matchNames: namespaces },
        selector: { matchLabels: { "gpu-serving/stack": pulumi.getStack() } },
        podMetricsEndpoints: [{ interval: "15s", ...endpoint }],
      },
    },
    owner.child,
  );
}

const nameOf = ["__meta_kubernetes_namespace", "__meta_kubernetes_pod_label_app"];

function only({ namespace, name }: KeyedService): Relabelling {
  return { source_labels: nameOf, regex: `${namespace};${name}`, action: "keep" };
}

function leftOut(keyed: readonly KeyedService[]): Relabelling[] {
  if (keyed.length === 0) return [];
  const regex = keyed.map(({ namespace, name }) => `${namespace};${name}`).join("|");
  return [{ source_labels: nameOf, regex, action: "drop" }];
}

/** A step of relabelling as the operator's objects have it. */
function camelCased({ source_labels, target_label, ...others }: Relabelling): object {
  return {
    ...(source_labels && { sourceLabels: source_labels }),
    ...(target_label !== undefined && { targetLabel: target_label }),
    ...others,
  };
}
