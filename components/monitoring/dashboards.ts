import type { Engine, Signal } from "../serving/engines/engine";
import { engines } from "../serving/engines/engines";

/** A dashboard as Grafana loads it. */
export interface Dashboard {
  uid: string;
  title: string;
  tags: string[];
  timezone: string;
  refresh: string;
  schemaVersion: number;
  time: { from: string; to: string };
  templating: { list: object[] };
  panels: Panel[];
}

/** A graph over time. */
interface Panel {
  id: number;
  type: "timeseries";
  title: string;
  datasource: object;
  gridPos: { x: number; y: number; w: number; h: number };
  fieldConfig: { defaults: { unit: string; min: number }; overrides: object[] };
  targets: { refId: string; expr: string; legendFormat: string }[];
}

/** What one graph shows: its queries by what the line is called. */
interface Graph {
  title: string;
  unit: string;
  queries: Readonly<Record<string, string>>;
}

/** How each figure of an engine is shown, in this order. */
const figures: readonly { signal: Signal; title: string; unit: string }[] = [
  { signal: "tokens", title: "Tokens per second", unit: "short" },
  { signal: "firstToken", title: "Time to first token, p95", unit: "s" },
  { signal: "latency", title: "Time of a request, p95", unit: "s" },
  { signal: "queue", title: "Waiting requests", unit: "short" },
  { signal: "running", title: "Running requests", unit: "short" },
  { signal: "cache", title: "KV cache in use", unit: "percentunit" },
];

/** Pods of the service that is chosen at the top of a dashboard. */
const chosen = 'namespace="$namespace",app="$app"';

/** All dashboards, by the name of their file. */
export function dashboards(): Record<string, Dashboard> {
  return {
    ...Object.fromEntries(
      Object.entries(engines).map(([name, engine]: [string, Engine]) => {
        const uid = `gpu-serving-${name.replace(/\W/g, "-")}`;
        return [`${uid}.json`, engineDashboard(uid, name, engine)];
      }),
    ),
    "gpu-serving-gpus.json": gpuDashboard("gpu-serving-gpus"),
  };
}

function engineDashboard(uid: string, name: string, { metrics }: Engine): Dashboard {
  const known = figures.flatMap(({ signal, title, unit }): Graph[] => {
    const query = metrics.figures[signal];
    return query ? [{ title, unit, queries: { [name]: query.promql(chosen) } }] : [];
  });
  // A histogram has no series of its own name; every engine has a queue.
  const there = metrics.figures.queue?.metric ?? "up";
  return dashboard(
    uid,
    `gpu-serving: ${name}`,
    [variable("namespace", there), variable("app", there, 'namespace="$namespace"')],
    [
      ...known,
      replicas('namespace="$namespace"'),
      ...gpuGraphs('namespace="$namespace",pod=~"$app-.*"'),
    ],
  );
}

function gpuDashboard(uid: string): Dashboard {
  const idle = 'count by (modelName) (DCGM_FI_DEV_GPU_UTIL{node=~"$node"} == 0)';
  return dashboard(
    uid,
    "gpu-serving: GPUs",
    [{ ...variable("node", "DCGM_FI_DEV_GPU_UTIL"), includeAll: true, allValue: ".*" }],
    [
      ...gpuGraphs('node=~"$node"'),
      { title: "GPUs without work", unit: "short", queries: { "{{modelName}}": idle } },
      {
        title: "Last error (XID)",
        unit: "none",
        queries: { "{{node}} {{gpu}}": 'DCGM_FI_DEV_XID_ERRORS{node=~"$node"}' },
      },
    ],
  );
}

/** The replicas of a service are a Deployment, or a StatefulSet of leaders where each is on several nodes. */
function replicas(within: string): Graph {
  const sum = (deployments: string, statefulSets: string) =>
    `sum(kube_deployment_${deployments}{${within},deployment="$app"} or kube_statefulset_${statefulSets}{${within},statefulset="$app"})`;
  return {
    title: "Replicas",
    unit: "short",
    queries: {
      wanted: sum("spec_replicas", "replicas"),
      ready: sum("status_replicas_ready", "status_replicas_ready"),
    },
  };
}

function gpuGraphs(selector: string): Graph[] {
  const each = "{{node}} {{gpu}} {{pod}}";
  return [
    {
      title: "GPU utilization",
      unit: "percent",
      queries: { [each]: `DCGM_FI_DEV_GPU_UTIL{${selector}}` },
    },
    {
      title: "GPU memory in use",
      unit: "percentunit",
      queries: {
        [each]: `DCGM_FI_DEV_FB_USED{${selector}} / (DCGM_FI_DEV_FB_USED{${selector}} + DCGM_FI_DEV_FB_FREE{${selector}})`,
      },
    },
  ];
}

/** The Prometheus that is chosen at the top, the only one where there is one. */
const datasource = { type: "prometheus", uid: "${datasource}" };

function dashboard(
  uid: string,
  title: string,
  variables: object[],
  graphs: readonly Graph[],
): Dashboard {
  return {
    ...{ uid, title, tags: ["gpu-serving"], timezone: "browser", refresh: "30s" },
    schemaVersion: 39,
    time: { from: "now-3h", to: "now" },
    templating: {
      list: [
        { type: "datasource", name: "datasource", label: "Prometheus", query: "prometheus" },
        ...variables,
      ],
    },
    panels: graphs.map(panel),
  };
}

function panel({ title, unit, queries }: Graph, at: number): Panel {
  const [w, h] = [12, 8];
  return {
    ...{ id: at + 1, type: "timeseries", title, datasource },
    gridPos: { x: (at % 2) * w, y: Math.floor(at / 2) * h, w, h },
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    targets: Object.entries(queries).map(([legendFormat, expr], index) => ({
      refId: String.fromCharCode(65 + index),
      ...{ expr, legendFormat },
    })),
  };
}

/** A choice at the top of a dashboard: the values that a label of a metric has. */
function variable(name: string, metric: string, selector = "") {
  const query = `label_values(${metric}{${selector}}, ${name})`;
  return { type: "query", name, datasource, query, refresh: 2, sort: 1 };
}
