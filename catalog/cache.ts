import type { Attention } from "./model";

/** What of an engine's setup decides the size of its cache. */
export interface CacheSetup {
  /** GPUs that each layer is divided among. @default 1 */
  tensorParallel?: number;
  /** Groups of layers, each on GPUs of its own. @default 1 */
  pipelineParallel?: number;
  /** Bytes of one value. @default 2 */
  valueBytes?: 1 | 2;
  /** The most tokens that the engine processes at once, which sliding layers keep besides their window. @default 2048 */
  batchTokens?: number;
}

/** The cache of one GPU: what a sequence of n tokens takes is worked out from it without making an object. */
export interface CacheLayout {
  /** Bytes of one token in the layers that grow. */
  tokenBytes: number;
  /** Tokens of one block, the unit in which the engine gives out memory. */
  blockTokens: number;
  /** Bytes of one token in sliding layers. */
  slidingTokenBytes: number;
  /** The most tokens that sliding layers keep. */
  slidingTokens: number;
  /** Bytes that each sequence has, whatever its length. */
  stateBytes: number;
  /** Bytes of one block; each sequence that is processed needs one for its states. */
  blockBytes: number;
}

/** Tokens of a block, where nothing asks for larger ones (docs/facts.md 16.3). */
const block = 16;

/** Blocks of state that a sequence has in each group of layers: with the cache of prefixes the present and the last one (docs/facts.md 16.5). */
const stateBlocks = 2;

/** How vLLM lays out the cache on the GPU that holds most of it (docs/facts.md 16.3 to 16.5). */
export function cacheLayout(attention: Attention, setup: CacheSetup = {}): CacheLayout {
  const { tensorParallel = 1, pipelineParallel = 1, valueBytes = 2, batchTokens = 2048 } = setup;
  const { fullLayers, kvHeads, headDim, latent, indexBytes = 0 } = attention;
  const { slidingKvHeads = kvHeads, slidingHeadDim = headDim, window = Infinity } = attention;
  const full = Math.ceil(fullLayers / pipelineParallel);
  const sliding = Math.ceil((attention.slidingLayers ?? 0) / pipelineParallel);
  const state = Math.ceil((attention.stateLayers ?? 0) / pipelineParallel);
  // Keys and values of one token in one layer.
  const kept = 2 * Math.max(1, kvHeads / tensorParallel) * headDim;
  const slidingKept = 2 * Math.max(1, slidingKvHeads / tensorParallel) * slidingHeadDim;
  const layerBytes = (latent ?? kept) * valueBytes + indexBytes;
  const ownState = (attention.stateBytes ?? 0) / tensorParallel;
  const blockTokens = state > 0 ? Math.ceil(ownState / layerBytes / block) * block : block;
  const group = groupSize(full, sliding, state);
  return {
    tokenBytes: filledUp(full, group) * layerBytes,
    blockTokens,
    slidingTokenBytes: filledUp(sliding, group) * slidingKept * valueBytes,
    slidingTokens: window - 1 + batchTokens,
    stateBytes: stateBlocks * filledUp(state, group) * blockTokens * layerBytes,
    blockBytes: group * blockTokens * layerBytes,
  };
}

/** Layers, with those that fill up the last group. */
function filledUp(layers: number, group: number): number {
  return Math.ceil(layers / group) * group;
}

/** Layers of one group: vLLM gives blocks to groups of equally many layers, and fills up the last one. */
function groupSize(full: number, sliding: number, state: number): number {
  const most = Math.max(full, sliding, state);
  const least = Math.min(full || most, sliding || most, state || most);
  return most < least * 1.5 ? most : least;
}

/** Bytes of one sequence of `tokens` tokens on one GPU. */
export function sequenceBytes(layout: CacheLayout, tokens: number): number {
  const { tokenBytes, blockTokens, slidingTokenBytes, slidingTokens, stateBytes } = layout;
  const grown = tokenBytes * Math.ceil(tokens / blockTokens) * blockTokens;
  if (slidingTokenBytes === 0) return grown + stateBytes;
  // A window need not begin where a block does.
  const seen = (Math.ceil(Math.min(tokens, slidingTokens) / block) + 1) * block;
  return grown + stateBytes + slidingTokenBytes * seen;
}

/** The most tokens, up to `most`, of a sequence that takes at most `bytes`; 0: not even one block. */
export function largestSequence(layout: CacheLayout, bytes: number, most: number): number {
  if (sequenceBytes(layout, most) <= bytes) return most;
  let [fits, tooMany] = [0, Math.ceil(most / layout.blockTokens)];
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2);
    if (sequenceBytes(layout, middle * layout.blockTokens) <= bytes) fits = middle;
    else tooMany = middle;
  }
  return fits * layout.blockTokens;
}
