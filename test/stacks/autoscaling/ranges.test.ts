import assert from "node:assert/strict";
import { buildEnvironment } from "../../../stacks/environment";
import { at, deploy } from "../../support/deploy";
import { fromFile } from "../stack-files";

const kedaType = "kubernetes:keda.sh/v1alpha1:ScaledObject";

/** Deploys a stack with a model and a container on a pool; `cluster`: more of the stack file. */
function run(sections: string, chat: string) {
  const file = `
config:
  cluster: { kind: existing, kubeconfig: test/fixtures/kubeconfig.yaml }
  pools:
    l4: { gpu: L4, select: { pool: l4 }, nodes: { max: 6 } }
  ${sections}
  services:
    chat: { ${chat} }
`;
  const stack = fromFile({ "Pulumi.prod.yaml": file });
  return deploy(() => ({ stack, outputs: buildEnvironment(stack) }));
}

const prometheus = 'prometheus: "http://prometheus.monitoring:9090"';
const existing = `autoscaling: { keda: existing, ${prometheus} }`;
const model = "model: Qwen/Qwen3-8B-AWQ, replicas: { min: 2, max: 5 }";

describe("a stack file with a range of replicas", () => {
  it("has a model follow the figures of its engine where KEDA is there", async () => {
    const { find, resources } = await run(existing, model);

    const spec = at(find(kedaType, "chat-scaler"), "spec") as Record<string, unknown>;
    assert.deepEqual([spec.minReplicaCount, spec.maxReplicaCount], [2, 5]);
    const [queue] = spec.triggers as { metadata: Record<string, string> }[];
    assert.equal(queue?.metadata.serverAddress, "http://prometheus.monitoring:9090");
    assert.match(queue.metadata.query ?? "", /^sum\(vllm:num_requests_waiting\{/);
    assert.ok(!resources.some(({ name }) => name === "keda"));
  });

  it("installs KEDA where it says so, before what KEDA reads", async () => {
    const { find } = await run(existing.replace("existing", "install"), model);

    const { options } = find(kedaType, "chat-scaler");
    const before = [options.dependsOn ?? []].flat();
    const names = await Promise.all(
      before.map((one) => ("urn" in one ? valueOfUrn(one) : Promise.resolve(""))),
    );
    assert.ok(
      names.some((urn) => urn.endsWith("APIService::keda")),
      names.join(),
    );
  });

  it("counts the most replicas on the pool", async () => {
    const { result } = await run(existing, model);

    assert.equal(result.stack.services.chat?.count, 5);
  });

  it("says each key of a range and of what it follows in its own words", async () => {
    const { find } = await run(
      existing,
      'image: "chat:v1", replicas: { min: 1, max: 3, scaleUp: { every: 90s }, scaleDown: { window: 20m } }, scaleOn: [{ query: sum(asked), target: 2.5 }, { schedule: { start: 0 8 * * *, end: 0 20 * * *, replicas: 2 } }]',
    );

    const spec = at(find(kedaType, "chat-scaler"), "spec") as Record<string, unknown>;
    assert.deepEqual(at({ inputs: spec }, "advanced.horizontalPodAutoscalerConfig.behavior"), {
      scaleUp: {
        stabilizationWindowSeconds: 30,
        policies: [{ type: "Pods", value: 1, periodSeconds: 90 }],
      },
      scaleDown: {
        stabilizationWindowSeconds: 1200,
        policies: [{ type: "Pods", value: 1, periodSeconds: 120 }],
      },
    });
    const types = (spec.triggers as { type: string }[]).map(({ type }) => type);
    assert.deepEqual(types, ["prometheus", "cron"]);
  });
});

/** The name of a resource in the engine. */
function valueOfUrn({ urn }: { urn: unknown }): Promise<string> {
  return new Promise((resolve) => {
    (urn as { apply: (use: (value: string) => void) => void }).apply(resolve);
  });
}
