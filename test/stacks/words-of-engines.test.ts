import assert from "node:assert/strict";
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
  ] as const) {
    it(`is answered with the key that it is here: ${brought}`, () => {
      assert.equal(fixOf(brought), fix);
    });
  }
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
