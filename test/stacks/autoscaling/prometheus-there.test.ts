import assert from "node:assert/strict";
import { buildEnvironment } from "../../../stacks/environment";
import { network } from "../../../stacks/derived/network";
import { deploy } from "../../support/deploy";
import { fromFile } from "../stack-files";

const stackOf = (prometheus: string, more = "", chat = "replicas: { min: 1, max: 4 }") =>
  fromFile({
    "Pulumi.prod.yaml": `
config:
  cluster: { kind: existing, kubeconfig: test/fixtures/kubeconfig.yaml }
  autoscaling: { keda: existing, prometheus: "${prometheus}" }${more}
  pools:
    l4: { gpu: L4, select: { gpu: l4 }, nodes: { max: 6 } }
  services:
    chat: { model: Qwen/Qwen3-8B-AWQ, ${chat} }`,
  });
const theirs = "http://prometheus.monitoring:9090";
const existing =
  "\n  observability: { existing: { prometheus: http://other:9090, namespace: monitoring } }";
const ours = { name: "prometheus", namespace: "observability" };

describe("a Prometheus of others that KEDA asks", () => {
  it("may read the services, with all pods of the namespace in its address, which are let in once", () => {
    for (const [address, more, monitors] of [
      [theirs, "", [{ namespace: "monitoring" }]],
      [
        "https://prometheus.monitoring.svc.cluster.local:9090/at",
        "",
        [{ namespace: "monitoring" }],
      ],
      [theirs, existing, [{ namespace: "monitoring" }]],
      [theirs, "\n  observability: true", [ours, { namespace: "monitoring" }]],
      ["http://prometheus.observability:9090", "\n  observability: true", [ours]],
      ["http://prometheus:9090", "", undefined],
      ["https://prometheus.vendor.example", "", undefined],
      ["http://198.51.100.7:9090", "", undefined],
    ] as const) {
      assert.deepEqual(network("chat", stackOf(address, more)).monitors, monitors, address);
    }
  });

  it("is told of, once, where services follow their engines and nothing makes it read them", async () => {
    const stack = stackOf(theirs);
    const { warnings } = await deploy(() => buildEnvironment(stack));

    const [told = "", ...others] = stack.warnings;
    assert.match(
      told,
      /^Pulumi\.prod\.yaml, autoscaling\.prometheus: .*observability: \{ existing: .*gpu-serving\/metrics-port/,
    );
    assert.deepEqual(others, []);
    assert.equal(
      warnings.filter((text) => text.includes("autoscaling.prometheus")).length,
      1,
      warnings.join("\n"),
    );
    assert.deepEqual(stackOf(theirs, existing).warnings, []);
    assert.deepEqual(
      stackOf(theirs, "", "replicas: { min: 1, max: 4 }, scaleOn: { query: up, target: 1 }")
        .warnings,
      [],
    );
    assert.deepEqual(stackOf(theirs, "", "replicas: 2").warnings, []);
  });
});
