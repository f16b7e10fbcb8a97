import * as pulumi from "@pulumi/pulumi";
import { nvidiaGpu, type Cluster } from "../cluster/cluster";
import { Namespace } from "../workload/namespace";
import { DcgmExporter } from "./dcgm";
import { Grafana, type GrafanaArgs } from "./grafana";
import { Prometheus, prometheusUrl, type PrometheusArgs } from "./prometheus";
import { StateMetrics } from "./state-metrics";

/** Arguments for {@link Monitoring}. */
export interface MonitoringArgs
  extends Omit<PrometheusArgs, "namespace">, Pick<GrafanaArgs, "adminPassword"> {
  /** Cluster that is watched. */
  cluster: Cluster;
  /** Name of the namespace that it makes for itself. @default "observability" */
  namespace?: string;
  /** Whether NVIDIA's exporter is put on GPU nodes, where nobody else tells their figures. @default false */
  gpuExporter?: boolean;
}

/** Prometheus, kube-state-metrics, Grafana and, where it is missing, NVIDIA's exporter, all pinned and in a namespace of their own. */
export class Monitoring extends pulumi.ComponentResource {
  /** Address of Prometheus inside the cluster, known once it answers there. */
  readonly prometheus: pulumi.Output<string>;
  /** Command that makes Grafana answer at http://localhost:3000. */
  readonly grafana: pulumi.Output<string>;

  constructor(name: string, args: MonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
    const { cluster, namespace: named = monitoringNamespace, gpuExporter = false } = args;
    super("gpu-serving:index:Monitoring", name, {}, { ...opts, provider: cluster.provider });
    const child = { parent: this };

    const { name: namespace } = new Namespace(named, { cluster }, child);
    const place = { cluster, namespace };
    new StateMetrics(`${name}-kube-state-metrics`, place, child);
    const prometheus = new Prometheus(`${name}-prometheus`, { ...args, ...place }, child);
    const { adminPassword } = args;
    const asked = { ...place, prometheus: prometheusUrl(named), adminPassword };
    const grafana = new Grafana(`${name}-grafana`, asked, child);
    if (gpuExporter && hasNvidiaGpus(cluster)) {
      new DcgmExporter(`${name}-dcgm-exporter`, { cluster }, child);
    }

    this.prometheus = prometheus.url;
    this.grafana = grafana.portForward;
    this.registerOutputs({ prometheus: this.prometheus, grafana: this.grafana });
  }
}

/** Namespace of monitoring where nothing else is said. */
export const monitoringNamespace = "observability";

function hasNvidiaGpus({ pools }: Cluster): boolean {
  return Object.values(pools).some(
    ({ gpusPerNode, resource = nvidiaGpu }) => gpusPerNode > 0 && resource.startsWith("nvidia."),
  );
}
