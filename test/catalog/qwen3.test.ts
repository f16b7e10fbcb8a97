import assert from "node:assert/strict";
import { shapeOfConfig } from "../../catalog/model-config";
import { knownModel } from "../../catalog/models";

/** Parts of each `config.json`, and the bytes of the weights in `model.safetensors.index.json`. */
const published = [
  ["Qwen/Qwen3-4B", 36, 32, 2560, 8_044_936_192],
  ["Qwen/Qwen3-8B", 36, 32, 4096, 16_381_470_720],
  ["Qwen/Qwen3-14B", 40, 40, 5120, 29_536_614_400],
  ["Qwen/Qwen3-32B", 64, 64, 5120, 65_524_246_528],
] as const;

describe("the models of Qwen3", () => {
  for (const [name, num_hidden_layers, num_attention_heads, hidden_size, bytes] of published) {
    it(`are as their files say: ${name}`, () => {
      const { shape } = shapeOfConfig({
        ...{ architectures: ["Qwen3ForCausalLM"], head_dim: 128, hidden_size },
        ...{ num_attention_heads, num_hidden_layers, num_key_value_heads: 8 },
        ...{ max_position_embeddings: 40960, sliding_window: null, torch_dtype: "bfloat16" },
      });
      const { name: own, weightsGiB = 0, parametersB = 0, ...known } = knownModel(name) ?? {};
      assert.equal(own, name);
      assert.deepEqual(known, shape);
      assert.ok(Math.abs(weightsGiB - bytes / 1024 ** 3) < 0.01, `${weightsGiB} GiB`);
      assert.ok(Math.abs(parametersB - bytes / 2e9) < 0.01, `${parametersB} billion`);
    });
  }
});
