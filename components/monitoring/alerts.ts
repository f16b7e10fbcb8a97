import { placeholderClasses } from "../serving/autoscaling/placeholders";
import type { Engine, Signal } from "../serving/engines/engine";
import { engines } from "../serving/engines/engines";
import { servicesJob } from "./scrape";

/** What alerts are about. */
export interface AlertArgs {
  /** Namespaces of the services, at least one. */
  namespaces: readonly string[];
  /** Seconds to the first token, and of a request for embeddings, that 95 of 100 requests may take. @default 10 */
  firstToken?: number;
}

/** One alert, as Prometheus has it. */
export interface Alert {
  alert: string;
  expr: string;
  for?: string;
  labels: { severity: "critical" | "warning" | "info"; engine?: string };
  annotations: { summary: string; description: string };
}

/** Errors of a GPU that its program caused; the GPU is well (docs/facts.md 19.6). */
const programErrors = [13, 31, 43, 45, 68, 109];

/** Taints of a node that its cloud takes back (docs/facts.md 19.7). */
const reclaimed =
  "cloud.google.com/impending-node-termination|aws-node-termination-handler/spot-itn";

/** The alerts of a stack: only what somebody has to do something about. */
export function alerts({ namespaces, firstToken = 10 }: AlertArgs): Alert[] {
  const within = `namespace=~"${[...namespaces].sort().join("|")}"`;
  return [
    ...ofReplicas(within),
    ...ofEngines(within, firstToken),
    ...ofGpus(within),
    {
      alert: "ServiceFiguresMissing",
      expr: `up{job="${servicesJob}",${within}} == 0`,
      for: "10m",
      labels: { severity: "warning" },
      annotations: {
        summary: "Prometheus cannot read pod {{ $labels.pod }} of {{ $labels.app }}",
        description:
          "Dashboards, alerts and autoscaling do not see this replica. Look whether it is ready, and whether a network policy or a key keeps Prometheus out.",
      },
    },
  ];
}

/** The file of rules that a Prometheus loads. */
export function ruleFile(args: AlertArgs): { groups: { name: string; rules: Alert[] }[] } {
  return { groups: [{ name: "gpu-serving", rules: alerts(args) }] };
}

/** Pods that keep nodes ready and serve nobody, by their PriorityClass (docs/facts.md 19.11). */
function placeholderPods(within: string): string {
  return `kube_pod_info{${within},priority_class=~"${placeholderClasses}"}`;
}

function ofReplicas(within: string): Alert[] {
  // The leaders of a service whose replicas are on several nodes are a StatefulSet.
  const service = "{{ $labels.namespace }}/{{ $labels.deployment }}{{ $labels.statefulset }}";
  const noneOf = (kind: "deployment" | "statefulset", wanted: string) =>
    `kube_${kind}_${wanted}{${within}} > 0 and on (namespace, ${kind}) kube_${kind}_status_replicas_available{${within}} == 0`;
  const renamed = (metric: string, to: string, from: string, pattern: string) =>
    `label_replace(${metric}, "${to}", "$1", "${from}", "${pattern}")`;
  const placeholders = renamed(
    placeholderPods(within),
    "deployment",
    "priority_class",
    placeholderClasses,
  );
  const ofServices = `(${noneOf("deployment", "spec_replicas")} unless on (namespace, deployment) ${placeholders})`;
  // The members of a group are a StatefulSet, too, named after their leader: that of the leaders and a number (docs/facts.md 21.2).
  const sets = renamed(
    `(${noneOf("statefulset", "replicas")})`,
    "leaders",
    "statefulset",
    "(.+)-[0-9]+",
  );
  const all = renamed(`kube_statefulset_replicas{${within}}`, "leaders", "statefulset", "(.+)");
  const ofLeaders = `(${sets} unless on (namespace, leaders) ${all})`;
  return [
    {
      alert: "ServiceHasNoReplica",
      expr: `${ofServices} or ${ofLeaders}`,
      for: "5m",
      labels: { severity: "critical" },
      annotations: {
        summary: `${service} has no replica that answers`,
        description:
          "Nobody is served. Look at the pods' events and last log lines; if the last release is the reason, go back to the previous image or model.",
      },
    },
    {
      alert: "ReplicaRestarts",
      expr: `increase(kube_pod_container_status_restarts_total{${within}}[30m]) >= 3`,
      labels: { severity: "warning" },
      annotations: {
        summary:
          "Container {{ $labels.container }} of {{ $labels.namespace }}/{{ $labels.pod }} restarts again and again",
        description:
          "It ran out of memory, or its liveness probe fails, or it crashes: kubectl describe pod says which, kubectl logs --previous has its last lines.",
      },
    },
    {
      alert: "NodeTakesReplicas",
      expr: `sum by (namespace, pod, reason) (kube_pod_status_disruption_reason{${within}}) > 0 or sum by (node, key) (kube_node_spec_taint{key=~"${reclaimed}"}) > 0`,
      labels: { severity: "info" },
      annotations: {
        summary:
          "A node goes with what runs on it ({{ $labels.namespace }} {{ $labels.pod }} {{ $labels.node }})",
        description:
          "A spot node is reclaimed, or a node is drained. One is usual on spot nodes; if they come often, put on-demand first in the pool's capacity, or run one replica more.",
      },
    },
  ];
}

function ofEngines(within: string, firstToken: number): Alert[] {
  return Object.entries(engines).flatMap(([name, engine]: [string, Engine]): Alert[] => {
    const metric = (signal: Signal) => engine.metrics.figures[signal]?.metric;
    const [queue, cache] = [metric("queue"), metric("cache")];
    const slow = metric("firstToken") ?? metric("latency");
    const what = metric("firstToken") === undefined ? "A request" : "The first token";
    const service = "{{ $labels.namespace }}/{{ $labels.app }}";
    const labels = { severity: "warning", engine: name } as const;
    const waiting = `sum by (namespace, app) (${queue}{${within}})`;
    return [
      ...(queue === undefined
        ? []
        : [
            {
              alert: "QueueGrows",
              expr: `min_over_time((${waiting})[10m:1m]) > 0 and deriv((${waiting})[10m:1m]) > 0`,
              labels,
              annotations: {
                summary: `${service} (${name}) has had more and more requests waiting for 10 minutes`,
                description:
                  "More comes in than its replicas can answer. Raise replicas or their maximum, or the pool's nodes.max if no node is left.",
              },
            },
          ]),
      ...(cache === undefined
        ? []
        : [
            {
              alert: "CacheFull",
              expr: `avg by (namespace, app) (${cache}{${within}}) > 0.95`,
              for: "10m",
              labels,
              annotations: {
                summary: `${service} (${name}) has its KV cache full`,
                description:
                  "Sequences wait or are calculated anew. Raise replicas, or lower contextTokens, or choose a GPU with more memory, or cacheType: fp8.",
              },
            },
          ]),
      ...(slow === undefined
        ? []
        : [
            {
              alert: "AnswersSlowly",
              expr: `histogram_quantile(0.95, sum by (namespace, app, le) (rate(${slow}_bucket{${within}}[5m]))) > ${firstToken}`,
              for: "10m",
              labels,
              annotations: {
                summary: `${what} of ${service} (${name}) takes longer than ${firstToken} s for 5 of 100 requests`,
                description:
                  "Look at the queue first: with one, raise replicas; without one, prompts are long: lower contextTokens or choose a faster GPU.",
              },
            },
          ]),
    ];
  });
}

function ofGpus(within: string): Alert[] {
  const gpu = "GPU {{ $labels.gpu }} of node {{ $labels.node }}";
  const well = programErrors.map((xid) => `DCGM_FI_DEV_XID_ERRORS == ${xid}`).join(" or ");
  return [
    {
      alert: "GpuError",
      expr: `DCGM_FI_DEV_XID_ERRORS > 0 unless (${well})`,
      labels: { severity: "critical" },
      annotations: {
        summary: `${gpu} reports error XID {{ $value }}`,
        description:
          "The driver or the hardware failed, not the program. Drain the node and let it be replaced; NVIDIA's list of XID errors says what the number means.",
      },
    },
    {
      alert: "GpuIdle",
      expr: `max by (node, gpu, modelName, namespace, pod) (max_over_time(DCGM_FI_DEV_GPU_UTIL[1h])) == 0 unless on (namespace, pod) ${placeholderPods(within)}`,
      for: "23h",
      labels: { severity: "info" },
      annotations: {
        summary: `${gpu} has done nothing for a day`,
        description:
          "It costs money. Set replicas of its service to 0, or lower nodes.min of its pool.",
      },
    },
  ];
}
