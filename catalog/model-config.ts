import { ConfigReader, isRecord, ofTable, type ConfigProblem } from "./config-reader";
import type { Attention, ModelShape, ModelTask, WeightType } from "./model";
import { positionsBefore, taskOfConfig } from "./model-task";
import { widthsOf } from "./model-width";

export type { ConfigProblem } from "./config-reader";

/** A shape without what its `config.json` does not say: its name, and the size of its weights. */
export type ConfigShape = Omit<ModelShape, "name" | "weightsGiB">;

/** The shape that a `config.json` of the hub describes, or what it lacks (docs/facts.md 16.12); `said`: what somebody says that the model is for. */
export function shapeOfConfig(
  config: Readonly<Record<string, unknown>>,
  said?: ModelTask,
): { shape: ConfigShape; problems?: undefined } | { problems: ConfigProblem[]; shape?: undefined } {
  const reader = new ConfigReader(config);
  const task = said ?? taskOfConfig(config);
  if (task === undefined) {
    return {
      problems: [{ key: "architectures", problem: "no-task", found: config.architectures }],
    };
  }
  const layers = reader.required("num_hidden_layers", "n_layer", "n_layers");
  const heads = reader.required("num_attention_heads", "n_head", "n_heads");
  const maxContext = reader.required("max_position_embeddings", "n_positions", "max_seq_len");
  const weightType = weightTypeOf(reader);
  if (task !== "generate") {
    // The embeddings server does not start without the names of the labels.
    const labels = task === "classify" ? (["id2label", "label2id"] as const) : [];
    for (const key of labels) {
      if (!isRecord(config[key])) reader.problem([key], "missing");
    }
    if (reader.problems.length > 0) return { problems: reader.problems };
    const most = Math.max(1, maxContext - positionsBefore(config));
    return { shape: { layers, heads, maxContext: most, weightType, task } };
  }
  const attention = attentionOf(reader, layers, heads);
  if (reader.problems.length > 0) return { problems: reader.problems };
  const sparse = attention.indexBytes === undefined ? {} : { sparse: true };
  const widths = widthsOf(reader);
  return { shape: { layers, heads, maxContext, weightType, attention, ...sparse, ...widths } };
}

/** How weights are stored, by `quant_method`; compressed-tensors says the bits besides. */
const quantized: Readonly<Record<string, WeightType>> = {
  fp8: "fp8",
  fbgemm_fp8: "fp8",
  awq: "awq-int4",
  gptq: "gptq-int4",
  mxfp4: "mxfp4",
};

const plain: Readonly<Record<string, WeightType>> = {
  float32: "fp32",
  float16: "fp16",
  bfloat16: "bf16",
};

function weightTypeOf(reader: ConfigReader): WeightType {
  const quantization = reader.value("quantization_config", "compression_config");
  if (isRecord(quantization)) return quantizedType(reader, quantization);
  const type = reader.value("dtype", "torch_dtype") ?? "float32";
  const known = ofTable(plain, type);
  if (!known) reader.problem(["torch_dtype"], "unknown-value", type);
  return known ?? "bf16";
}

function quantizedType(
  reader: ConfigReader,
  quantization: Readonly<Record<string, unknown>>,
): WeightType {
  const { quant_method: method, config_groups: groups } = quantization;
  const known = ofTable(quantized, method);
  if (known) return known;
  if (method === "compressed-tensors" && isRecord(groups)) {
    const [group] = Object.values(groups);
    const weights = isRecord(group) ? group.weights : undefined;
    const { num_bits: bits, type } = isRecord(weights) ? weights : {};
    if (bits === 8) return type === "float" ? "fp8" : "int8";
    if (bits === 4) return "int4";
  }
  reader.problem(["quantization_config.quant_method"], "unknown-value", method);
  return "bf16";
}

function attentionOf(reader: ConfigReader, layers: number, heads: number): Attention {
  const kinds = layerKinds(reader, layers);
  const rank = reader.number("kv_lora_rank");
  if (rank !== undefined) {
    const width = rank + (reader.number("qk_rope_head_dim") ?? 0);
    const index = reader.number("index_head_dim");
    return {
      ...{ fullLayers: kinds.full, kvHeads: 1, headDim: width, latent: width },
      // Values in FP8, and a scale of four bytes for each 128 of them.
      ...(index === undefined ? {} : { indexBytes: index + (index / 128) * 4 }),
    };
  }
  const kvHeads =
    reader.value("multi_query") === true
      ? 1
      : (reader.number("num_key_value_heads", "n_head_kv", "n_kv_heads") ?? heads);
  const headDim = reader.number("head_dim") ?? partOfHidden(reader, heads);
  const all = {
    fullLayers: kinds.full,
    kvHeads: reader.number("num_global_key_value_heads") ?? kvHeads,
    headDim: reader.number("global_head_dim") ?? headDim,
  };
  if (kinds.state > 0) {
    return { ...all, stateLayers: kinds.state, stateBytes: stateBytesOf(reader) };
  }
  if (kinds.sliding === 0) return all;
  const window = reader.required("sliding_window");
  const own = { slidingKvHeads: kvHeads, slidingHeadDim: headDim };
  const differ = own.slidingKvHeads !== all.kvHeads || own.slidingHeadDim !== all.headDim;
  return { ...all, slidingLayers: kinds.sliding, window, ...(differ ? own : {}) };
}

/** Width of a head where no key says it: heads divide the hidden size. */
function partOfHidden(reader: ConfigReader, heads: number): number {
  const width = reader.required("hidden_size", "n_embd");
  // Whatever is missing has a problem already.
  if (width === 0 || heads === 0) return 0;
  if (width % heads !== 0) reader.problem(["head_dim"], "not-whole", width / heads);
  return width / heads;
}

/** How many layers see all tokens, the last ones alone, or keep a state of fixed size. */
interface LayerKinds {
  full: number;
  sliding: number;
  state: number;
}

/** What a layer keeps, by its type in `layer_types` or its letter in `hybrid_override_pattern`. */
const kindOfType: Readonly<Record<string, keyof LayerKinds | "nothing">> = {
  full_attention: "full",
  attention: "full",
  "*": "full",
  sliding_attention: "sliding",
  linear_attention: "state",
  mamba: "state",
  M: "state",
  mlp: "nothing",
  moe: "nothing",
  "-": "nothing",
  E: "nothing",
};

function layerKinds(reader: ConfigReader, layers: number): LayerKinds {
  const types = reader.value("layer_types", "layers_block_type");
  const pattern = reader.value("hybrid_override_pattern");
  if (Array.isArray(types)) return countedKinds(reader, "layer_types", types.map(String), layers);
  if (typeof pattern === "string") {
    return countedKinds(reader, "hybrid_override_pattern", [...pattern], layers);
  }
  const interval = reader.number("full_attention_interval");
  if (interval !== undefined) {
    const full = Math.floor(layers / interval);
    return { full, sliding: 0, state: layers - full };
  }
  const every = reader.number("sliding_window_pattern");
  if (every !== undefined && reader.value("sliding_window") !== undefined) {
    const full = Math.floor(layers / every);
    return { full, sliding: layers - full, state: 0 };
  }
  return { full: layers, sliding: 0, state: 0 };
}

/** A type of layer that is not known may keep anything, so it is a problem. */
function countedKinds(
  reader: ConfigReader,
  key: string,
  types: readonly string[],
  layers: number,
): LayerKinds {
  const counted = { full: 0, sliding: 0, state: 0, nothing: 0 };
  for (const type of types) {
    const kind = ofTable(kindOfType, type);
    if (kind) counted[kind]++;
  }
  const unknown = types.find((type) => !ofTable(kindOfType, type));
  if (unknown !== undefined) reader.problem([key], "unknown-value", unknown);
  else if (layers > 0 && types.length !== layers)
    reader.problem([key], "wrong-length", types.length);
  return counted;
}

/** Bytes of the state of one layer: float32 for the state itself, two bytes for the steps of the convolution (docs/facts.md 16.5). */
function stateBytesOf(reader: ConfigReader): number {
  if (reader.value("linear_num_value_heads") !== undefined) {
    const values = reader.required("linear_num_value_heads");
    const keys = reader.required("linear_num_key_heads");
    const valueDim = reader.required("linear_value_head_dim");
    const keyDim = reader.required("linear_key_head_dim");
    const steps = reader.required("linear_conv_kernel_dim") - 1;
    return values * valueDim * keyDim * 4 + steps * (2 * keys * keyDim + values * valueDim) * 2;
  }
  const heads = reader.required("mamba_num_heads", "mamba_n_heads");
  const inner = heads * reader.required("mamba_head_dim", "mamba_d_head");
  const size = reader.required("ssm_state_size", "mamba_d_state");
  const steps = reader.required("conv_kernel", "mamba_d_conv") - 1;
  const groups = reader.number("n_groups", "mamba_n_groups") ?? 1;
  return inner * size * 4 + steps * (inner + 2 * groups * size) * 2;
}
