import assert from "node:assert/strict";
import { buildEnvironment } from "../../../stacks/environment";
import type { OtherCluster } from "../../../stacks/other-stack";
import { aPool } from "../../support/clusters";
import { at, deploy } from "../../support/deploy";
import { fromFile, refusal } from "../stack-files";

const dockerfile = { "examples/digits/Dockerfile": "FROM vllm/vllm-openai:v0.31.0\n" };

/** A stack with one service and a registry. */
function stackOf(entry: string, cluster: string) {
  return fromFile({
    "Pulumi.prod.yaml": `
config:
  cluster: ${cluster}
  services:
    chat: ${entry}`,
    ...dockerfile,
  });
}

const own =
  "{ kind: existing, kubeconfig: test/fixtures/kubeconfig.yaml, registry: registry.example/team }\n  pools: { l4: { gpu: L4, select: { gpu: l4 }, nodes: { max: 4 } } }";

describe("the image of a model", () => {
  it("is the engine's where the pools are another stack's", async () => {
    const stack = stackOf(
      "{ model: Qwen/Qwen3-8B-AWQ }",
      "{ kind: existing, stack: acme/gpu-serving/platform }",
    );
    const other: OtherCluster = {
      ...{ kubeconfig: "{}", pools: { l4: aPool() }, loadBalancers: {}, namespaceLabels: {} },
    };
    const { find } = await deploy(() => buildEnvironment(stack, other));

    const image = at(
      find("kubernetes:apps/v1:Deployment", "chat"),
      "spec.template.spec.containers[0].image",
    );
    assert.match(String(image), /^vllm\/vllm-openai:v\d/);
  });

  it("is built where a folder is named, with the engine's arguments", async () => {
    const stack = stackOf("{ model: Qwen/Qwen3-8B-AWQ, build: ./examples/digits }", own);
    const { find } = await deploy(() => buildEnvironment(stack));

    const container = at(
      find("kubernetes:apps/v1:Deployment", "chat"),
      "spec.template.spec.containers[0]",
    ) as { image: string; args: string[] };
    assert.match(container.image, /^registry\.example\/team\/examples-digits/);
    assert.equal(container.args[0], "Qwen/Qwen3-8B-AWQ");
  });

  it("is one of a name and a folder, never both", () => {
    const entry = '{ model: Qwen/Qwen3-8B-AWQ, image: "vllm:own", build: ./examples/digits }';
    assert.match(
      refusal(() => stackOf(entry, own)),
      /build: never together with image/,
    );
  });
});
