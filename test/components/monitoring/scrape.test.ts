import assert from "node:assert/strict";
import {
  announcedPods,
  scrapeConfig,
  type Relabelling,
} from "../../../components/monitoring/scrape";

const args = {
  ...{ project: "gpu-serving", stack: "prod", stateMetrics: "kube-state-metrics:8080" },
  keys: "/keys",
};

/** A pod as Prometheus discovers it. */
const pod = {
  __address__: "10.0.0.7:8000",
  __metrics_path__: "/metrics",
  __meta_kubernetes_namespace: "chat",
  __meta_kubernetes_pod_name: "chat-1",
  __meta_kubernetes_pod_node_name: "node-1",
  __meta_kubernetes_pod_phase: "Running",
  __meta_kubernetes_pod_label_app: "chat",
  __meta_kubernetes_pod_label_app_kubernetes_io_part_of: "gpu-serving",
  __meta_kubernetes_pod_label_gpu_serving_stack: "prod",
  __meta_kubernetes_pod_annotation_gpu_serving_metrics_port: "8002",
  __meta_kubernetes_pod_annotation_gpu_serving_metrics_path: "/figures",
  container: "chat",
};

/** What Prometheus makes of a discovered pod: its labels, or undefined where it is left out. */
function relabelled(
  found: Record<string, string>,
  steps: readonly Relabelling[],
): Record<string, string> | undefined {
  const labels = { ...found };
  for (const { source_labels = [], separator = ";", regex = "(.*)", ...step } of steps) {
    const { action = "replace", replacement = "$1", target_label = "" } = step;
    const value = source_labels.map((name) => labels[name] ?? "").join(separator);
    const match = new RegExp(`^(?:${regex})$`).exec(value);
    if (action === "keep" && !match) return undefined;
    if (action === "drop" && match) return undefined;
    if (action === "replace" && match) {
      labels[target_label] = replacement.replace(/\$(\d)/g, (_, at: string) => match[+at] ?? "");
    }
    if (action === "labeldrop") {
      for (const name of Object.keys(labels)) {
        if (new RegExp(`^(?:${regex})$`).test(name)) delete labels[name];
      }
    }
  }
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !name.startsWith("__meta_")));
}

interface Config {
  scrape_configs: { job_name: string; relabel_configs: Relabelling[]; authorization?: object }[];
  alerting?: object;
}
const configOf = (more: object = {}) => scrapeConfig({ ...args, ...more }) as Config;
const job = (config: Config, name: string) =>
  config.scrape_configs.find(({ job_name }) => job_name === name);

describe("what Prometheus reads", () => {
  it("is a pod of the stack at the port and path that it announces, once for all its ports", () => {
    assert.deepEqual(relabelled(pod, announcedPods(args)), {
      __address__: "10.0.0.7:8002",
      __metrics_path__: "/figures",
      ...{ namespace: "chat", pod: "chat-1", node: "node-1", app: "chat", job: "gpu-serving" },
    });
  });

  it("is that of a pod that declares no port, and of one with an IPv6 address", () => {
    const address = (from: string) =>
      relabelled({ ...pod, __address__: from }, announcedPods(args))?.__address__;

    assert.equal(address("10.0.0.7"), "10.0.0.7:8002");
    assert.equal(address("[fd00::7]:8000"), "[fd00::7]:8002");
  });

  it("is no pod of another stack, none that announces nothing, none that has ended", () => {
    const other = { ...pod, __meta_kubernetes_pod_label_gpu_serving_stack: "dev" };
    const silent = { ...pod, __meta_kubernetes_pod_annotation_gpu_serving_metrics_port: "" };
    const ended = { ...pod, __meta_kubernetes_pod_phase: "Failed" };

    for (const found of [other, silent, ended]) {
      assert.equal(relabelled(found, announcedPods(args)), undefined);
    }
  });

  it("is read with its key where a service asks for one, and not without", () => {
    const config = configOf({ keyed: [{ name: "chat", namespace: "chat" }] });
    const plain = job(config, "gpu-serving");
    const keyed = job(config, "gpu-serving/chat");
    const look = { ...pod, __meta_kubernetes_pod_label_app: "look" };

    assert.deepEqual(keyed?.authorization, { credentials_file: "/keys/chat" });
    assert.equal(relabelled(pod, plain?.relabel_configs ?? []), undefined);
    assert.equal(relabelled(pod, keyed?.relabel_configs ?? [])?.app, "chat");
    assert.equal(relabelled(look, plain?.relabel_configs ?? [])?.app, "look");
    assert.equal(relabelled(look, keyed?.relabel_configs ?? []), undefined);
  });

  it("are the exporters of GPUs of this package, of GKE and of NVIDIA's operator, and no other pods", () => {
    const steps = job(configOf(), "dcgm")?.relabel_configs ?? [];
    const read = (name: string, app: string) =>
      relabelled(
        {
          ...pod,
          __meta_kubernetes_pod_label_app_kubernetes_io_name: name,
          __meta_kubernetes_pod_label_app: app,
        },
        steps,
      )?.__address__;

    assert.equal(read("dcgm-exporter", "dcgm-exporter"), "10.0.0.7:9400");
    assert.equal(read("gke-managed-dcgm-exporter", ""), "10.0.0.7:9400");
    assert.equal(read("", "nvidia-dcgm-exporter"), "10.0.0.7:9400");
    assert.equal(read("chat", "chat"), undefined);
  });

  it("is told to an Alertmanager where there is one", () => {
    assert.equal(configOf().alerting, undefined);
    assert.deepEqual(configOf({ alertmanager: "https://alerts.monitoring:9093/am" }).alerting, {
      alertmanagers: [
        {
          ...{ scheme: "https", path_prefix: "/am" },
          static_configs: [{ targets: ["alerts.monitoring:9093"] }],
        },
      ],
    });
  });
});
