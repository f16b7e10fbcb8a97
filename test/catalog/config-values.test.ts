import assert from "node:assert/strict";
import { shapeOfConfig } from "../../catalog/model-config";

const llama = {
  ...{ hidden_size: 4096, max_position_embeddings: 131072, torch_dtype: "bfloat16" },
  ...{ num_attention_heads: 32, num_hidden_layers: 32, num_key_value_heads: 8 },
};

/** A text encoder of 24 layers, as BAAI/bge-large-en-v1.5 is one. */
const bert = {
  ...{ architectures: ["BertModel"], hidden_size: 1024, max_position_embeddings: 512 },
  ...{ num_attention_heads: 16, num_hidden_layers: 24, torch_dtype: "float32" },
};

const problems = (config: Record<string, unknown>) => shapeOfConfig(config).problems;

describe("a value of a config.json", () => {
  for (const [key, found] of [
    ["max_position_embeddings", 4096.5],
    ["num_hidden_layers", 32.5],
    ["num_attention_heads", 31.7],
  ] as const) {
    it(`that counts something is a whole number: ${key}`, () => {
      assert.deepEqual(problems({ ...llama, head_dim: 128, [key]: found }), [
        { key, problem: "not-whole", found },
      ]);
    });
  }

  it("has heads that divide the hidden size, where none says how wide they are", () => {
    assert.deepEqual(problems({ ...llama, hidden_size: 4100 }), [
      { key: "head_dim", problem: "not-whole", found: 128.125 },
    ]);
  });

  it("names the type of each layer", () => {
    const types = (count: number) => Array.from({ length: count }, () => "full_attention");
    for (const count of [0, 1, 33]) {
      assert.deepEqual(problems({ ...llama, layer_types: types(count) }), [
        { key: "layer_types", problem: "wrong-length", found: count },
      ]);
    }
    assert.equal(problems({ ...llama, layer_types: types(32) }), undefined);
  });

  it("is no word that every object has", () => {
    const quantization_config = { quant_method: "constructor" };
    assert.deepEqual(
      [
        ...(problems({ ...llama, quantization_config }) ?? []),
        ...(problems({ ...llama, torch_dtype: "toString" }) ?? []),
        ...(problems({ ...llama, layer_types: Array(32).fill("valueOf") }) ?? []),
      ].map(({ problem, found }) => [problem, found]),
      [
        ["unknown-value", "constructor"],
        ["unknown-value", "toString"],
        ["unknown-value", "valueOf"],
      ],
    );
  });
});

describe("the width in a config.json", () => {
  const widths = (config: Record<string, unknown>) => {
    const { shape } = shapeOfConfig({ ...llama, ...config });
    return [shape?.hidden, shape?.experts];
  };

  it("is that of a token between layers, and there are experts of all tokens besides the others", () => {
    assert.deepEqual(widths({}), [4096, undefined]);
    assert.deepEqual(widths({ num_experts: 128, num_experts_per_tok: 8 }), [4096, 129]);
    assert.deepEqual(widths({ n_routed_experts: 64, n_shared_experts: 2 }), [4096, 66]);
    assert.deepEqual(widths({ num_experts: 0 }), [4096, undefined]);
  });

  it("is not known where nobody says how many experts there are", () => {
    assert.deepEqual(widths({ num_experts_per_tok: 8 }), [undefined, undefined]);
  });
});

describe("the architecture in a config.json", () => {
  it("says that a model makes vectors of texts, which keep nothing between tokens", () => {
    assert.deepEqual(shapeOfConfig(bert).shape, {
      ...{ layers: 24, heads: 16, maxContext: 512, weightType: "fp32", task: "embed" },
    });
  });

  it("leaves out the positions that RoBERTa gives to no token", () => {
    const of = { ...bert, max_position_embeddings: 8194, pad_token_id: 1 };
    const most = (name: string) =>
      shapeOfConfig({ ...of, architectures: [name] }).shape?.maxContext;
    assert.equal(most("XLMRobertaModel"), 8192);
    assert.equal(most("BertModel"), 8194);
  });

  it("says that a model gives texts labels or scores", () => {
    const labels = { id2label: { "0": "LABEL_0" }, label2id: { LABEL_0: 0 } };
    const of = { ...bert, ...labels, max_position_embeddings: 514, pad_token_id: 1 };
    const shape = (name: string) => shapeOfConfig({ ...of, architectures: [name] }).shape;
    assert.deepEqual(shape("XLMRobertaForSequenceClassification"), {
      ...{ layers: 24, heads: 16, maxContext: 512, weightType: "fp32", task: "classify" },
    });
    assert.equal(shape("BertForSequenceClassification")?.maxContext, 514);
  });

  it("needs the names of the labels, without which the embeddings server does not start", () => {
    const of = { ...bert, architectures: ["BertForSequenceClassification"], id2label: {} };
    assert.deepEqual(problems(of), [{ key: "label2id", problem: "missing" }]);
  });

  for (const name of [
    ...["BertForTokenClassification", "MistralForSequenceClassification", "BertForMaskedLM"],
    ...["Qwen2ForRewardModel", "JinaForRanking", "MPNetModel", "Qwen3Model", "T5EncoderModel"],
  ]) {
    it(`is of a model that nobody here serves, unless the entry says what it is for: ${name}`, () => {
      const of = { ...llama, architectures: [name] };
      assert.deepEqual(problems(of), [{ key: "architectures", problem: "no-task", found: [name] }]);
      assert.equal(shapeOfConfig(of, "embed").shape?.task, "embed");
    });
  }

  it("is of a model that writes no answer to a text where it has an encoder besides", () => {
    const of = { ...llama, architectures: ["WhisperForConditionalGeneration"] };
    assert.equal(problems(of), undefined);
    assert.equal(problems({ ...of, is_encoder_decoder: true })?.[0]?.problem, "no-task");
  });

  for (const name of [
    ...["Qwen3ForCausalLM", "Gemma3ForConditionalGeneration", "GPT2LMHeadModel", "ChatGLMModel"],
    ...["InternVLChatModel", "MiniCPMV", "AquilaModel", "Qwen2_5OmniModel"],
  ]) {
    it(`is of a model that writes text: ${name}`, () => {
      assert.equal(shapeOfConfig({ ...llama, architectures: [name] }).shape?.task, undefined);
    });
  }

  it("counts for less than what the entry says", () => {
    const of = { ...llama, architectures: ["Qwen3ForCausalLM"] };
    assert.equal(shapeOfConfig(of, "embed").shape?.task, "embed");
  });

  it("says nothing of a model that writes text", () => {
    const { shape } = shapeOfConfig({ ...llama, architectures: ["LlamaForCausalLM"] });
    assert.equal(shape?.task, undefined);
    assert.equal(shape?.attention?.fullLayers, 32);
  });
});
