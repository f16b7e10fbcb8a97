import assert from "node:assert/strict";
import { InferenceService } from "../../../components/serving/inference-service";
import { aCluster, l4 } from "../../support/clusters";
import { at, deploy } from "../../support/deploy";

const deploymentType = "kubernetes:apps/v1:Deployment";

async function container(args: object) {
  const { find } = await deploy(
    () =>
      new InferenceService("chat", {
        ...{ cluster: aCluster({ pools: { l4 } }), namespace: "models" },
        ...{ model: "Qwen/Qwen3-8B-AWQ", ...args },
      }),
  );
  return at(find(deploymentType, "chat"), "spec.template.spec.containers[0]") as {
    image: string;
    args: string[];
    env: { name: string; valueFrom?: object }[];
    resources: { limits: object };
    startupProbe: { exec?: object };
  };
}

describe("an inference service with a model", () => {
  it("runs the engine of the model on a pool of the cluster that holds it", async () => {
    const { image, args, resources, startupProbe } = await container({ contextTokens: 8192 });

    assert.match(image, /^vllm\//);
    assert.equal(args[args.indexOf("--max-model-len") + 1], "8192");
    assert.deepEqual(resources.limits, { "nvidia.com/gpu": "1" });
    assert.ok(startupProbe.exec);
  });

  it("takes the image, and what else is said, before what follows from the model", async () => {
    const { image, env } = await container({ image: "vllm:own", env: { MODE: "fast" } });

    assert.equal(image, "vllm:own");
    assert.ok(env.some(({ name }) => name === "MODE"));
    assert.ok(env.some(({ name }) => name === "HF_HOME"));
  });

  it("has its key in a Secret", async () => {
    const { env } = await container({ apiKey: "sk" });

    assert.match(JSON.stringify(env.find(({ name }) => name === "VLLM_API_KEY")), /secretKeyRef/);
  });

  for (const [what, args, pattern] of [
    [
      "that nobody knows",
      { model: "acme/own" },
      /chat: model: in no table of models.*pass its shape/,
    ],
    [
      "that does not fit",
      { model: "openai/gpt-oss-120b" },
      /chat: model: does not fit: l4: .* GiB are missing/,
    ],
    [
      "with more context than it has",
      { model: "microsoft/phi-4", contextTokens: 40000 },
      /contextTokens: does not fit: l4: it takes 16384 tokens at most/,
    ],
    [
      "with fewer tokens than a request takes",
      { contextTokens: 1 },
      /contextTokens: out of range, got 1; allowed: a whole number from 256/,
    ],
    ["without GPUs, where it needs some", { gpus: 0 }, /gpus: Qwen\/Qwen3-8B-AWQ runs on GPUs/],
    ["with too little memory", { memory: "1Gi" }, /memory: less than the engine takes/],
    [
      "with a key that its probe does not know",
      { env: { VLLM_API_KEY: "sk" } },
      /env\.VLLM_API_KEY: the key that requests bring/,
    ],
    [
      "with arguments that follow from it",
      { engineArgs: ["--port", "1"] },
      /engineArgs\.0: sets what follows/,
    ],
  ] as const) {
    it(`rejects one ${what}`, async () => {
      await assert.rejects(container(args), pattern);
    });
  }
});
