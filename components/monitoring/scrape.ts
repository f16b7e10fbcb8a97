import { metricsAnnotations } from "../workload/metrics";

/** Name of the job that reads the figures of services, with a Prometheus of ours and with an operator's. */
export const servicesJob = "gpu-serving";

/** What a Prometheus reads, and where it sends alerts. */
export interface ScrapeArgs {
  /** Project that the pods are part of. */
  project: string;
  /** Stack that they belong to. */
  stack: string;
  /** Host and port of what tells the state of objects. */
  stateMetrics: string;
  /** Services that ask for a key, by namespace: the name of each, which is also that of the file with its key. @default [] */
  keyed?: readonly KeyedService[];
  /** Folder of those files. */
  keys: string;
  /** Address of an Alertmanager. @default alerts are sent nowhere */
  alertmanager?: string;
}

/** A service whose figures are read with a key. */
export interface KeyedService {
  /** Its name. */
  name: string;
  /** Its namespace. */
  namespace: string;
}

/** Time between two readings. */
const interval = "15s";

/** One step of the relabelling of what was discovered. */
export interface Relabelling {
  source_labels?: string[];
  separator?: string;
  regex?: string;
  replacement?: string;
  target_label?: string;
  action?: "keep" | "drop" | "labeldrop" | "replace";
}

const meta = "__meta_kubernetes";
const annotation = (key: string) => `${meta}_pod_annotation_${key.replace(/\W/g, "_")}`;
const label = (key: string) => `${meta}_pod_label_${key.replace(/\W/g, "_")}`;

/** Pods that still run. */
const living: Relabelling = {
  source_labels: [`${meta}_pod_phase`],
  regex: "Succeeded|Failed",
  action: "drop",
};

/** Labels of every figure: what queries of dashboards, alerts and autoscaling select by. */
const named: Relabelling[] = [
  { source_labels: [`${meta}_namespace`], target_label: "namespace" },
  { source_labels: [`${meta}_pod_name`], target_label: "pod" },
  { source_labels: [`${meta}_pod_node_name`], target_label: "node" },
];

/** Which discovered pods announce figures, where, and what they are known by. */
export function announcedPods({
  project,
  stack,
}: Pick<ScrapeArgs, "project" | "stack">): Relabelling[] {
  return [
    {
      source_labels: [label("app.kubernetes.io/part-of"), label("gpu-serving/stack")],
      regex: `${project};${stack}`,
      action: "keep",
    },
    { source_labels: [annotation(metricsAnnotations.port)], regex: "\\d+", action: "keep" },
    living,
    { source_labels: [annotation(metricsAnnotations.path)], target_label: "__metrics_path__" },
    {
      source_labels: ["__address__", annotation(metricsAnnotations.port)],
      regex: "(.+?)(?::\\d+)?;(\\d+)",
      replacement: "$1:$2",
      target_label: "__address__",
    },
    ...named,
    { source_labels: [label("app")], target_label: "app" },
    { target_label: "job", replacement: servicesJob },
    // A pod is found once for each of its ports; without what tells these apart it is read once.
    { regex: "container|endpoint", action: "labeldrop" },
  ];
}

/** The configuration of a Prometheus, as its file has it. */
export function scrapeConfig(args: ScrapeArgs): object {
  const { keyed = [], keys, stateMetrics, alertmanager } = args;
  const pods = { kubernetes_sd_configs: [{ role: "pod" }] };
  const services = announcedPods(args);
  const nameOf = [`${meta}_namespace`, label("app")];
  const pair = ({ namespace, name }: KeyedService) => `${namespace};${name}`;
  return {
    global: { scrape_interval: interval, evaluation_interval: interval },
    rule_files: ["/etc/prometheus/rules.yaml"],
    ...(alertmanager !== undefined && {
      alerting: { alertmanagers: [alertmanagerOf(alertmanager)] },
    }),
    scrape_configs: [
      {
        job_name: servicesJob,
        ...pods,
        relabel_configs: [
          ...(keyed.length > 0
            ? [{ source_labels: nameOf, regex: keyed.map(pair).join("|"), action: "drop" }]
            : []),
          ...services,
        ],
      },
      ...keyed.map((service) => ({
        job_name: `${servicesJob}/${service.name}`,
        authorization: { credentials_file: `${keys}/${service.name}` },
        ...pods,
        relabel_configs: [
          { source_labels: nameOf, regex: pair(service), action: "keep" },
          ...services,
        ],
      })),
      gpuJob,
      {
        job_name: "kube-state-metrics",
        honor_labels: true,
        static_configs: [{ targets: [stateMetrics] }],
      },
      { job_name: "prometheus", static_configs: [{ targets: ["localhost:9090"] }] },
    ],
  };
}

/** The exporters of NVIDIA's DCGM, whoever put them there: this package and NVIDIA's chart, GKE, NVIDIA's operator (docs/facts.md 19.5). */
const gpuJob = {
  job_name: "dcgm",
  // The exporter itself says which pod uses a GPU.
  honor_labels: true,
  kubernetes_sd_configs: [{ role: "pod" }],
  relabel_configs: [
    {
      source_labels: [label("app.kubernetes.io/name"), label("app")],
      regex: "(?:gke-managed-)?dcgm-exporter;.*|.*;nvidia-dcgm-exporter",
      action: "keep",
    },
    living,
    {
      source_labels: ["__address__"],
      regex: "(.+?)(?::\\d+)?",
      replacement: "$1:9400",
      target_label: "__address__",
    },
    { source_labels: [`${meta}_pod_node_name`], target_label: "node" },
  ],
};

function alertmanagerOf(address: string): object {
  const { protocol, host, pathname } = new URL(address);
  return {
    scheme: protocol.replace(":", ""),
    ...(pathname !== "/" && { path_prefix: pathname }),
    static_configs: [{ targets: [host] }],
  };
}
