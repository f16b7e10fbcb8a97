import assert from "node:assert/strict";
import { dashboards } from "../../../components/monitoring/dashboards";

const titles = (file: string) => dashboards()[file]?.panels.map(({ title }) => title);

describe("the dashboards", () => {
  it("are one for each engine, and one for GPUs", () => {
    assert.deepEqual(Object.keys(dashboards()), [
      "gpu-serving-vllm.json",
      "gpu-serving-sglang.json",
      "gpu-serving-llama-cpp.json",
      "gpu-serving-tei.json",
      "gpu-serving-gpus.json",
    ]);
  });

  it("show what an engine tells, its replicas and its GPUs", () => {
    assert.deepEqual(titles("gpu-serving-vllm.json"), [
      "Tokens per second",
      "Time to first token, p95",
      "Time of a request, p95",
      "Waiting requests",
      "Running requests",
      "KV cache in use",
      "Replicas",
      "GPU utilization",
      "GPU memory in use",
    ]);
    assert.deepEqual(titles("gpu-serving-llama-cpp.json")?.slice(0, 3), [
      "Tokens per second",
      "Waiting requests",
      "Running requests",
    ]);
  });

  it("ask for the service that is chosen at the top", () => {
    const [first] = dashboards()["gpu-serving-vllm.json"]?.panels ?? [];
    assert.deepEqual(first?.targets, [
      {
        ...{ refId: "A", legendFormat: "vllm" },
        expr: 'sum(rate(vllm:generation_tokens_total{namespace="$namespace",app="$app"}[2m]))',
      },
    ]);
  });

  it("count replicas of Deployments, and of services on several nodes", () => {
    const panels = dashboards()["gpu-serving-sglang.json"]?.panels ?? [];
    assert.deepEqual(
      panels.find(({ title }) => title === "Replicas")?.targets.map(({ expr }) => expr),
      [
        'sum(kube_deployment_spec_replicas{namespace="$namespace",deployment="$app"} or kube_statefulset_replicas{namespace="$namespace",statefulset="$app"})',
        'sum(kube_deployment_status_replicas_ready{namespace="$namespace",deployment="$app"} or kube_statefulset_status_replicas_ready{namespace="$namespace",statefulset="$app"})',
      ],
    );
  });

  it("offer the services that tell such figures, of whichever Prometheus is chosen", () => {
    const { list } = dashboards()["gpu-serving-tei.json"]?.templating ?? { list: [] };
    assert.deepEqual(
      list.map((one) => ("query" in one ? one.query : undefined)),
      [
        "prometheus",
        "label_values(te_queue_size{}, namespace)",
        'label_values(te_queue_size{namespace="$namespace"}, app)',
      ],
    );
  });

  it("put graphs side by side, none on another", () => {
    for (const { panels } of Object.values(dashboards())) {
      const places = panels.map(({ gridPos: { x, y } }) => `${x} ${y}`);
      assert.equal(new Set(places).size, panels.length);
    }
  });
});
