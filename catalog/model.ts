/** What a model is for: it writes text, turns text into vectors, or gives texts labels or scores, as rerankers do. */
export type ModelTask = "generate" | "embed" | "classify";

/** How the weights of a model are stored. */
export type WeightType =
  "fp32" | "bf16" | "fp16" | "fp8" | "int8" | "int4" | "awq-int4" | "gptq-int4" | "mxfp4" | "gguf";

/**
 * The KV cache of a model, by what grows with the tokens of a sequence. All counts are those of the model's `config.json`.
 */
export interface Attention {
  /** Layers whose cache grows with every token. */
  fullLayers: number;
  /** Heads of keys and values in them; with latent attention (MLA) it is not used. */
  kvHeads: number;
  /** Width of one such head. */
  headDim: number;
  /** Values of one token in one layer with latent attention: `kv_lora_rank` and `qk_rope_head_dim` together. @default none: keys and values of each head */
  latent?: number;
  /** Bytes of one token in one layer for the index of sparse attention, whatever the type of the cache. @default 0 */
  indexBytes?: number;
  /** Layers that see the last `window` tokens alone. @default 0 */
  slidingLayers?: number;
  /** Tokens that sliding layers see. @default all */
  window?: number;
  /** Heads of keys and values in sliding layers. @default `kvHeads` */
  slidingKvHeads?: number;
  /** Width of one head in sliding layers. @default `headDim` */
  slidingHeadDim?: number;
  /** Layers with a state of fixed size for each sequence: linear attention and Mamba. @default 0 */
  stateLayers?: number;
  /** Bytes of the state of one such layer. @default 0 */
  stateBytes?: number;
}

/** What decides where a model fits. */
export interface ModelShape {
  /** Repository of the weights on the Hugging Face hub, such as `Qwen/Qwen3-8B`. */
  name: string;
  /** @default "generate" */
  task?: ModelTask;
  /** GiB of the files that an engine loads. */
  weightsGiB: number;
  /** How the weights are stored. */
  weightType: WeightType;
  /** Parameters in billions. @default not known */
  parametersB?: number;
  /** Transformer layers, which pipeline parallelism divides. */
  layers: number;
  /** Width of a token between layers. @default not known */
  hidden?: number;
  /** Experts of a layer, those that all tokens share too. @default 0 */
  experts?: number;
  /** Attention heads, which tensor parallelism divides. */
  heads: number;
  /** Its cache; undefined: no formula holds, and the engine says itself how much it holds. */
  attention?: Attention;
  /** Whether its attention is sparse, which few GPUs run. @default false */
  sparse?: boolean;
  /** The most tokens of a sequence. */
  maxContext: number;
  /** Whether the hub gives the weights only to those who accepted its terms. @default false */
  gated?: boolean;
  /** File of the repository that is loaded, of weights in the format GGUF. @default none: the whole repository */
  file?: string;
}
