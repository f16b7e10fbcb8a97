import { goTool, type ToolSet } from "./tool-set";

/** Copies models in the sidecar that fetches them; compiled where its image cannot be pulled: one on PATH may need libraries that the image has not. */
export const rcloneTool: ToolSet = goTool(
  "rclone",
  "v1.75.1",
  "gpu-serving/local/tools/rclone",
  40,
);

/** Ships logs in the sidecar for that, and takes them in; compiled where its image cannot be pulled. */
export const collectorTool: ToolSet = goTool(
  "otelcol",
  "v0.160.0",
  "gpu-serving/local/tools/otelcol",
  120,
);

/** Reads figures; compiled where its image cannot be pulled, with discovery in Kubernetes alone: Debian's package has none. */
export const prometheusTool: ToolSet = {
  name: "prometheus",
  version: "v3.13.4",
  commands: ["prometheus"],
  module: {
    folder: "prometheus",
    packages: { prometheus: "github.com/prometheus/prometheus/cmd/prometheus" },
    tags: ["remove_all_sd", "enable_kubernetes_sd"],
  },
  compileSeconds: 190,
};

/** Tells the state of a cluster's objects; compiled where its image cannot be pulled. */
export const stateMetricsTool: ToolSet = goTool(
  "kube-state-metrics",
  "v2.20.0",
  "k8s.io/kube-state-metrics/v2",
  62,
);

/** Looks after LeaderWorkerSets; compiled where its image cannot be pulled, with KEDA's versions of what both need. */
export const leaderWorkerSetTool: ToolSet = goTool(
  "lws",
  "v0.9.0",
  "sigs.k8s.io/lws/cmd",
  10,
  "controllers",
);

/**
 * What scales on queries and schedules; compiled where its images cannot be pulled, with the scalers of triggers that services here
 * have: the others are the clients of every cloud and database.
 */
export const kedaTool: ToolSet = {
  name: "keda",
  version: "v2.20.1",
  commands: ["keda", "keda-adapter"],
  module: {
    folder: "controllers",
    packages: {
      keda: "github.com/kedacore/keda/v2/cmd/operator",
      "keda-adapter": "github.com/kedacore/keda/v2/cmd/adapter",
    },
    without: {
      what: "scalers",
      module: "github.com/kedacore/keda/v2",
      files: [
        ...["azure_event_grid_topic", "cloudevent_http"].map(
          (name) => `pkg/eventemitter/${name}_handler.go`,
        ),
        ...["pkg/metricscollector/opentelemetry.go", "pkg/util/ginkgo_reporter.go"],
      ],
      only: {
        "pkg/scalers": [
          ...["scaler.go", "prometheus_scaler.go", "cron_scaler.go", "cpu_memory_scaler.go"],
        ],
        "pkg/scaling/resolver": ["scale_resolvers.go", "k8s_validator.go"],
      },
      patch: "without-scalers.patch",
    },
  },
  compileSeconds: 30,
};
