import assert from "node:assert/strict";
import { buildEnvironment } from "../../../stacks/environment";
import { at, deploy } from "../../support/deploy";
import { fromFile, refusal } from "../stack-files";

const stackOf = (chat: string, more = "", pools = "") =>
  fromFile({
    "Pulumi.prod.yaml": `
config:
  cluster: { kind: existing, kubeconfig: test/fixtures/kubeconfig.yaml }
  autoscaling: { keda: install }${more}
  pools:
    l4: { gpu: L4, select: { gpu: l4 }, nodes: { max: 6 } }${pools}
  services:
    chat: ${chat}`,
  });

describe("autoscaling beside the observability of the same stack", () => {
  it("asks the Prometheus of the stack, which lets KEDA in", async () => {
    const entry = "{ model: Qwen/Qwen3-8B-AWQ, replicas: { min: 2, max: 6 } }";
    const stack = stackOf(entry, "\n  observability: true");
    const { find } = await deploy(() => buildEnvironment(stack));

    const scaled = find("kubernetes:keda.sh/v1alpha1:ScaledObject", "chat-scaler");
    const triggers = at(scaled, "spec.triggers") as { metadata: { serverAddress: string } }[];
    assert.deepEqual(
      [...new Set(triggers.map(({ metadata }) => metadata.serverAddress))],
      ["http://prometheus.observability.svc.cluster.local:9090"],
    );
    const policy = find("kubernetes:networking.k8s.io/v1:NetworkPolicy", "prometheus-network");
    const ingress = JSON.stringify(at(policy, "spec.ingress"));
    assert.match(ingress, /"kubernetes\.io\/metadata\.name":"keda"/);
  });

  it("needs an address where the stack has no observability", () => {
    assert.match(
      refusal(() => stackOf("{ model: Qwen/Qwen3-8B-AWQ, replicas: { min: 2, max: 6 } }")),
      /prometheus/,
    );
  });
});

describe("a range of replicas beside nodesPerReplica", () => {
  const more = "\n  leaderWorkerSet: install\n  observability: true";
  const fixOf = (entry: string) =>
    /services\.chat\.replicas: a range of replicas [^]*do: +(.*)/.exec(
      refusal(() => stackOf(entry, more)),
    )?.[1];
  const range = "replicas: { min: 1, max: 2 }";

  it("is refused with the number to write, where several nodes hold the model", () => {
    const giant = "model: deepseek-ai/DeepSeek-V3.2, contextTokens: 8192, cacheType: fp8";
    const pool =
      "\n    h100: { gpu: H100, gpusPerNode: 8, select: { gpu: h100 }, nodes: { max: 4 } }";
    const refused = refusal(() =>
      stackOf(`{ ${giant}, pool: h100, nodesPerReplica: 2, ${range} }`, more, pool),
    );
    assert.match(refused, /range of replicas of which each is spread[^]*do: +write replicas: 2$/m);
  });

  it("is refused with a fix that is accepted, where one node holds the model", () => {
    const entry = `model: Qwen/Qwen3-8B-AWQ, ${range}`;
    assert.equal(
      fixOf(`{ ${entry}, nodesPerReplica: 2 }`),
      "remove nodesPerReplica, as one node holds the model, or write replicas: 2",
    );
    assert.equal(
      refusal(() => stackOf(`{ ${entry} }`, more)),
      "nothing was refused",
    );
  });
});
