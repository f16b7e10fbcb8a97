import assert from "node:assert/strict";
import type { ModelShape } from "../../catalog/model";
import { shapeOfConfig } from "../../catalog/model-config";
import { knownModel } from "../../catalog/models";

/** What a `config.json` of the same model should give. */
function expected(name: string): Partial<ModelShape> {
  const known = knownModel(name);
  const { layers, heads, maxContext, weightType, attention, sparse, hidden } = known ?? {};
  return {
    ...{ layers, heads, maxContext, weightType, attention },
    ...(sparse && { sparse }),
    ...(hidden !== undefined && { hidden }),
  };
}

const llama = {
  hidden_size: 4096,
  max_position_embeddings: 131072,
  num_attention_heads: 32,
  num_hidden_layers: 32,
  num_key_value_heads: 8,
  torch_dtype: "bfloat16",
};
const qwenLinear = {
  full_attention_interval: 4,
  linear_conv_kernel_dim: 4,
  linear_key_head_dim: 128,
  linear_num_key_heads: 16,
  linear_value_head_dim: 128,
};

describe("the shape in a config.json", () => {
  const shape = (config: Record<string, unknown>) => shapeOfConfig(config).shape;

  it("has heads as wide as their part of the hidden size", () => {
    assert.deepEqual(shape(llama), expected("meta-llama/Llama-3.1-8B-Instruct"));
  });

  it("has heads as wide as the file says", () => {
    assert.equal(shape({ ...llama, head_dim: 256 })?.attention?.headDim, 256);
  });

  it("has as many heads of keys and values as attention heads where nothing is said, and one with multi-query", () => {
    const rest = { ...llama, num_key_value_heads: undefined };
    assert.equal(shape(rest)?.attention?.kvHeads, 32);
    assert.equal(shape({ ...rest, multi_query: true })?.attention?.kvHeads, 1);
  });

  it("is that of the text part of a multimodal model, with a state for each layer of linear attention", () => {
    const text_config = {
      ...qwenLinear,
      dtype: "bfloat16",
      head_dim: 256,
      hidden_size: 5120,
      linear_num_value_heads: 48,
      max_position_embeddings: 262144,
      num_attention_heads: 24,
      num_hidden_layers: 64,
      num_key_value_heads: 4,
    };
    const found = shape({ text_config, vision_config: { num_hidden_layers: 27 } });
    assert.deepEqual(found, expected("Qwen/Qwen3.6-27B"));
  });

  it("counts layers by their types", () => {
    const layer_types = Array.from({ length: 24 }, (_, at) =>
      at % 2 === 0 ? "sliding_attention" : "full_attention",
    );
    const found = shape({
      head_dim: 64,
      layer_types,
      max_position_embeddings: 131072,
      num_attention_heads: 64,
      num_hidden_layers: 24,
      num_key_value_heads: 8,
      quantization_config: { quant_method: "mxfp4" },
      sliding_window: 128,
    });
    assert.deepEqual(found, expected("openai/gpt-oss-20b"));
  });

  it("counts layers by the pattern of the window", () => {
    const found = shape({
      text_config: {
        head_dim: 128,
        hidden_size: 5376,
        max_position_embeddings: 131072,
        num_attention_heads: 32,
        num_hidden_layers: 62,
        num_key_value_heads: 16,
        sliding_window: 1024,
        sliding_window_pattern: 6,
      },
      torch_dtype: "bfloat16",
    });
    assert.deepEqual(found, expected("google/gemma-3-27b-it"));
  });

  it("has other heads in layers that see all tokens, where the file says so", () => {
    const layer_types = Array.from({ length: 60 }, (_, at) =>
      at % 6 === 5 ? "full_attention" : "sliding_attention",
    );
    const text_config = {
      dtype: "bfloat16",
      global_head_dim: 512,
      head_dim: 256,
      hidden_size: 5376,
      layer_types,
      max_position_embeddings: 262144,
      num_attention_heads: 32,
      num_global_key_value_heads: 4,
      num_hidden_layers: 60,
      num_key_value_heads: 16,
      sliding_window: 1024,
    };
    assert.deepEqual(shape({ text_config }), expected("google/gemma-4-31B-it"));
  });

  it("has latent attention with the index of sparse attention", () => {
    const found = shape({
      index_head_dim: 128,
      kv_lora_rank: 512,
      max_position_embeddings: 163840,
      num_attention_heads: 128,
      num_hidden_layers: 61,
      num_key_value_heads: 128,
      qk_rope_head_dim: 64,
      quantization_config: { quant_method: "fp8" },
    });
    assert.deepEqual(found, expected("deepseek-ai/DeepSeek-V3.2"));
  });

  it("has a state for each Mamba layer of the pattern", () => {
    const found = shape({
      conv_kernel: 4,
      head_dim: 128,
      hybrid_override_pattern: "MEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEMEM*EMEMEMEME",
      mamba_head_dim: 64,
      mamba_num_heads: 64,
      max_position_embeddings: 262144,
      n_groups: 8,
      num_attention_heads: 32,
      num_hidden_layers: 52,
      num_key_value_heads: 2,
      ssm_state_size: 128,
      torch_dtype: "bfloat16",
    });
    assert.deepEqual(found, expected("nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16"));
  });

  it("has the type of quantized weights", () => {
    const type = (quantization_config: Record<string, unknown>) =>
      shape({ ...llama, quantization_config })?.weightType;
    const packed = (num_bits: number, kind: string) => ({
      config_groups: { group_0: { weights: { num_bits, type: kind } } },
      quant_method: "compressed-tensors",
    });
    assert.equal(type({ quant_method: "fp8" }), "fp8");
    assert.equal(type({ quant_method: "awq", bits: 4 }), "awq-int4");
    assert.equal(type({ quant_method: "gptq", bits: 4 }), "gptq-int4");
    assert.equal(type(packed(8, "float")), "fp8");
    assert.equal(type(packed(8, "int")), "int8");
    assert.equal(type(packed(4, "int")), "int4");
  });
});

describe("a config.json that the fit cannot use", () => {
  const problems = (config: Record<string, unknown>) => shapeOfConfig(config).problems;

  it("lacks what the fit needs", () => {
    const rest = { ...llama, num_attention_heads: undefined, max_position_embeddings: null };
    assert.deepEqual(problems(rest), [
      { key: "num_attention_heads", problem: "missing" },
      { key: "max_position_embeddings", problem: "missing" },
    ]);
  });

  it("is told by its keys in the text part", () => {
    const text_config = { ...llama, num_hidden_layers: undefined };
    assert.deepEqual(problems({ text_config }), [
      { key: "text_config.num_hidden_layers", problem: "missing" },
    ]);
  });

  it("has a word where a number stands", () => {
    assert.deepEqual(problems({ ...llama, num_key_value_heads: "8" }), [
      { key: "num_key_value_heads", problem: "not-a-number", found: "8" },
    ]);
  });

  it("has layers of an unknown type", () => {
    const layer_types = ["full_attention", "compressed_attention"];
    assert.deepEqual(problems({ ...llama, layer_types }), [
      { key: "layer_types", problem: "unknown-value", found: "compressed_attention" },
    ]);
    assert.deepEqual(problems({ ...llama, hybrid_override_pattern: "*X" }), [
      { key: "hybrid_override_pattern", problem: "unknown-value", found: "X" },
    ]);
  });

  it("has weights of an unknown type", () => {
    const quantization_config = { quant_method: "bitsandbytes" };
    assert.deepEqual(problems({ ...llama, quantization_config }), [
      { key: "quantization_config.quant_method", problem: "unknown-value", found: "bitsandbytes" },
    ]);
    assert.deepEqual(problems({ ...llama, torch_dtype: "int3" }), [
      { key: "torch_dtype", problem: "unknown-value", found: "int3" },
    ]);
  });
});
