import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { OperatedMonitoring } from "../../../components/monitoring/operated";
import { aCluster } from "../../support/clusters";
import { at, deploy } from "../../support/deploy";

const run = () =>
  deploy(
    () =>
      new OperatedMonitoring("observability", {
        cluster: aCluster(),
        ...{ namespace: "monitoring", namespaces: ["chat", "vision"] },
        labels: { release: "stack" },
        keyed: [{ name: "small", namespace: "chat", key: pulumi.secret("k3y") }],
      }),
  );

describe("what is added to a Prometheus operator and a Grafana", () => {
  it("hands its provider to every child", async () => {
    const { resources } = await run();

    const added = resources.filter(({ type }) => type.startsWith("kubernetes:"));
    assert.equal(added.length, 9);
    for (const { type, provider } of added) assert.match(provider, /::cluster::/, type);
  });

  it("carries the labels that Prometheus and Grafana select by", async () => {
    const { find } = await run();
    const labels = (type: string, name: string) =>
      at(find(`kubernetes:${type}`, name), "metadata.labels") as Record<string, string>;

    assert.equal(
      labels("monitoring.coreos.com/v1:PrometheusRule", "observability-rules").release,
      "stack",
    );
    assert.equal(
      labels("core/v1:ConfigMap", "observability-gpu-serving-vllm").grafana_dashboard,
      "1",
    );
  });

  it("gives a key to the monitor of the service that asks for it, as a secret", async () => {
    const { find } = await run();
    const secret = find("kubernetes:core/v1:Secret", "gpu-serving-test-small-key");
    const monitor = find(
      "kubernetes:monitoring.coreos.com/v1:PodMonitor",
      "gpu-serving-test-small-monitor",
    );

    assert.deepEqual(secret.secrets, ["data"]);
    assert.deepEqual(at(monitor, "spec.podMetricsEndpoints[0].authorization"), {
      credentials: { name: at(secret, "metadata.name"), key: "key" },
    });
  });
});
