import assert from "node:assert/strict";
import { engines } from "../../components/serving/engines/engines";
import { fromFile, refusal } from "./stack-files";

/** What is said of a key beside a model. */
const saidOf = (key: string) =>
  refusal(() =>
    fromFile({
      "Pulumi.prod.yaml": `
config:
  cluster: { kind: existing }
  pools: { l4: { gpu: L4, select: { gpu: l4 }, nodes: { max: 6 } } }
  services: { chat: { model: Qwen/Qwen3-8B-AWQ, ${key} } }`,
    }),
  );

/** What to do about it. */
const fixOf = (key: string) =>
  /services\.chat\.[\w-]+: unknown key[^]*do: +(.*)/.exec(saidOf(key))?.[1];

const quantized =
  "remove it, and name the repository of the quantized weights in model, for example model: Qwen/Qwen3-8B-AWQ; of a model that is in no table, write weightType in model";
const stored =
  "store it with pulumi config set --secret hubToken, and write token: hubToken beside model";
const share =
  "remove it: the engine takes 0.9 of each GPU, and what fits is calculated with that; contextTokens and concurrency say how much it must hold";
const computed =
  "remove it: it follows from the weights and the GPU; of a model that is in no table, write weightType in model";
const trusted =
  "write engineArgs: [--trust-remote-code], which vllm and sglang have, and pin revision in model: code of the repository runs";

describe("an option of an engine beside a model", () => {
  for (const [brought, fix] of [
    ["maxModelLen: 8192", "write contextTokens: 8192"],
    ["max-model-len: 8192", "write contextTokens: 8192"],
    ["ctx_size: 8192", "write contextTokens: 8192"],
    ["maxNumSeqs: 4", "write concurrency: 4"],
    ["quantization: awq", quantized],
    ["kvCacheDtype: fp8_e4m3", "write cacheType: fp8"],
    ["kvCacheDtype: bfloat16", "remove it: the model says it"],
    ["huggingFaceToken: hubToken", stored],
    ["hf_token: hubToken", stored],
    ["tensorParallelSize: 2", "write gpus: 2"],
    ["tp: 2", "write gpus: 2"],
    ["nodes: 2", "write nodesPerReplica: 2"],
    ["context: 8192", "write contextTokens: 8192"],
    ["lora: { support: acme/lora }", 'write adapters: { support: "acme/lora" }'],
    ["loraModules: [support=acme/lora]", 'write adapters: { support: "acme/lora" }'],
    ["lora: acme/lora", "write adapters: { NAME: OWNER/REPOSITORY }"],
    ["gpuMemoryUtilization: 0.95", share],
    ["dtype: half", computed],
    ["trustRemoteCode: true", trusted],
    [
      "trust_remote_code: false",
      "remove it: engines run no code of the repository unless they are asked to",
    ],
  ] as const) {
    it(`is answered with the key that it is here: ${brought}`, () => {
      assert.equal(fixOf(brought), fix);
    });
  }
});

describe("a key on the wrong level", () => {
  for (const key of ["revision", "config", "size", "from", "file", "task"]) {
    it(`is answered with its place in model: ${key}`, () => {
      assert.equal(
        fixOf(`${key}: v1`),
        `write it in model: model: { name: Qwen/Qwen3-8B-AWQ, ${key}: "v1" }`,
      );
    });
  }

  it("is not taken for that of a model where there is none", () => {
    const text = refusal(() =>
      fromFile({
        "Pulumi.prod.yaml": `
config:
  cluster: { kind: existing }
  services: { chat: { image: "acme/own:v1", config: own } }`,
      }),
    );
    assert.match(
      text,
      /do: +remove it: of a service with a model it is a key of model, beside name/,
    );
  });

  it("is answered with its place in a model that is a map", () => {
    const text = refusal(() =>
      fromFile({
        "Pulumi.prod.yaml": `
config:
  cluster: { kind: existing }
  services: { chat: { model: { name: acme/own }, gated: true } }`,
      }),
    );
    assert.match(text, /do: +move it into model, beside name: gated: true\n/);
  });

  for (const [brought, fix] of [
    ["replicas: 3, spare: 1", "replicas: { min: 3, max: 6, spare: 1 }"],
    ["scaleUp: { every: 5m }", 'replicas: { min: 2, max: 6, scaleUp: {"every":"5m"} }'],
  ] as const) {
    it(`is answered with its place in replicas: ${brought}`, () => {
      assert.equal(
        fixOf(brought),
        `write it in replicas: ${fix}, with the most that the pool may hold as max`,
      );
    });
  }

  it("is answered with its place in a range of replicas", () => {
    assert.equal(
      fixOf("replicas: { min: 2, max: 4 }, scaleDown: { window: 5m }"),
      'move it into replicas, beside min and max: scaleDown: {"window":"5m"}',
    );
  });

  for (const [brought, range] of [
    ["minReplicaCount: 1, maxReplicaCount: 4", "{ min: 1, max: 4 }"],
    ["maxReplicaCount: 4", "{ min: 2, max: 6 } with your numbers"],
  ] as const) {
    it(`is answered with the range that it is here: ${brought}`, () => {
      assert.equal(
        fixOf(brought),
        `write replicas: ${range}, and scaleOn: { cpu: 70 } or what else they follow`,
      );
    });
  }
});

describe("an engine", () => {
  it("may be written as soon as it is in the list of engines", () => {
    const [, allowed] = /engine: [^]*?allowed: +(.*)/.exec(saidOf("engine: mine")) ?? [];
    assert.equal(allowed, Object.keys(engines).join(", "));
  });
});

describe("a service", () => {
  it("is described with model, image or build", () => {
    const text = refusal(() =>
      fromFile({
        "Pulumi.prod.yaml": "config: { cluster: { kind: existing }, services: { a: 1 } }",
      }),
    );
    assert.match(text, /allowed: a map with at least the key model, image or build/);
  });

  it("does not show a token that stands where the name of its key should", () => {
    assert.match(saidOf("huggingFaceToken: hf_abcdefghijklmnop"), /found: +"?hf_\*\*\*/);
  });
});
