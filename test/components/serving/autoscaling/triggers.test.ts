import assert from "node:assert/strict";
import { defaultScaleOn, type ScaleOn } from "../../../../components/serving/autoscaling/scale-on";
import { triggers } from "../../../../components/serving/autoscaling/triggers";
import { llamaCpp } from "../../../../components/serving/engines/llama-cpp";
import { sglang } from "../../../../components/serving/engines/sglang";
import { tei } from "../../../../components/serving/engines/tei";
import { vllm } from "../../../../components/serving/engines/vllm";

const prometheus = "http://prometheus.monitoring:9090";
const selector = 'namespace="models",pod=~"chat-[a-z0-9]+-[a-z0-9]+"';

/** The triggers of the service chat in the namespace models with vLLM's figures. */
const of = (...scaleOn: ScaleOn[]) =>
  triggers("chat", "models", scaleOn, { figures: vllm.metrics.figures, prometheus });

const asked = (query: string, threshold: string, metricType: string) => ({
  type: "prometheus",
  metricType,
  metadata: { serverAddress: prometheus, query, threshold, ignoreNullValues: "false" },
});

describe("the triggers of a service", () => {
  it("share the queue among the replicas", () => {
    assert.deepEqual(of({ signal: "queue", target: 10 }), [
      asked(`sum(vllm:num_requests_waiting{${selector}})`, "10", "AverageValue"),
    ]);
  });

  it("keep the mean of the caches at a part of 1", () => {
    assert.deepEqual(of({ signal: "cache", target: 80 }), [
      asked(`avg(vllm:kv_cache_usage_perc{${selector}})`, "0.8", "Value"),
    ]);
  });

  it("take the time of no request for 0, and no metrics for no answer", () => {
    const metric = "vllm:e2e_request_latency_seconds";
    const rate = `rate(${metric}_bucket{${selector}}[2m])`;
    const quantile = `histogram_quantile(0.95, sum by (le) (${rate}))`;

    assert.deepEqual(of({ signal: "latency", target: 5 }), [
      asked(`(${quantile} >= 0) or 0 * sum(${metric}_count{${selector}})`, "5", "Value"),
    ]);
  });

  it("ask a query of the service's own as it is, for each replica", () => {
    const query = "sum(rate(requests_total[2m]))";

    assert.deepEqual(of({ query, target: 2.5 }), [asked(query, "2.5", "AverageValue")]);
  });

  it("have a schedule in the time zone of the file, in UTC without one", () => {
    const schedule = { start: "0 8 * * *", end: "0 20 * * *", replicas: 4 };

    const zones = [schedule, { ...schedule, timeZone: "Europe/Berlin" }].map((one) =>
      of({ schedule: one }),
    );
    assert.deepEqual(
      zones,
      ["Etc/UTC", "Europe/Berlin"].map((timezone) => [
        {
          type: "cron",
          metadata: { start: "0 8 * * *", end: "0 20 * * *", timezone, desiredReplicas: "4" },
        },
      ]),
    );
  });

  it("are several where several are said, CPU among them", () => {
    const types = of({ cpu: 70 }, { signal: "running", target: 8 }).map((one) => one.metricType);

    assert.deepEqual(types, ["Utilization", "AverageValue"]);
  });

  it("follow queue and cache by default, as far as the engine tells them", () => {
    const followed = Object.entries({ vllm, sglang, tei, llamaCpp }).map(([name, { metrics }]) => [
      name,
      defaultScaleOn(metrics.figures).map((one) => ("signal" in one ? one.signal : "")),
    ]);

    assert.deepEqual(Object.fromEntries(followed), {
      vllm: ["queue", "cache"],
      sglang: ["queue", "cache"],
      tei: ["queue"],
      llamaCpp: ["queue"],
    });
  });

  it("select pods of the service's own Deployment alone", () => {
    const query = of({ signal: "queue", target: 1 })[0]?.metadata.query ?? "";
    // Prometheus takes an expression for the whole value.
    const names = new RegExp(`^(?:${/pod=~"([^"]+)"/.exec(query)?.[1]})$`);

    const pods = ["chat-5d8f7c9b6-x2x9k", "chat-big-5d8f7c9b6-x2x9k", "chat-spare-5d8f-x2x9k"];
    assert.deepEqual(
      pods.filter((pod) => names.test(pod)),
      ["chat-5d8f7c9b6-x2x9k"],
    );
  });
});
