import type { ModelShape, WeightType } from "./model";

/** Rank up to which engines take LoRA adapters where nothing is said (docs/facts.md 17.4). */
export const usualRank = 16;

/** LoRA adapters that an engine keeps room for on each GPU. */
export interface Adapters {
  /** How many it keeps room for. */
  count: number;
  /** The largest rank of them. @default 16 */
  rank?: number;
}

/** Bytes of one number of an adapter. */
const numberBytes = 2;

/** Matrices of a layer besides its experts, those of latent and linear attention too, and of one expert (docs/facts.md 17.20). */
const [matricesOfLayer, matricesOfExpert] = [10, 3];

/** Inputs and outputs of the narrowest matrices there are: experts of 512 by 2048 (docs/facts.md 17.20). */
const narrowest = [512, 2048] as const;

/** Bits of a weight: as few as there are, so that a model does not seem smaller than it is. */
const bits: Readonly<Record<WeightType, number>> = {
  ...{ fp32: 32, bf16: 16, fp16: 16, fp8: 8, int8: 8 },
  ...{ int4: 4, "awq-int4": 4, "gptq-int4": 4, mxfp4: 4, gguf: 4 },
};

/** GiB that an engine keeps for adapters of all matrices of a model, all its layers together. */
export function adaptersGiB(model: ModelShape, { count, rank = usualRank }: Adapters): number {
  return (count * rank * numberBytes * widthOf(model)) / 1024 ** 3;
}

/** Inputs and outputs of all matrices of a model together, rather too many: an adapter has its rank times as many numbers. */
function widthOf({ layers, hidden, experts = 0, ...model }: ModelShape): number {
  const parameters = parametersOf(model);
  if (hidden === undefined) {
    const [inputs, outputs] = narrowest;
    return parameters * (1 / inputs + 1 / outputs);
  }
  // One side of each matrix is the hidden size, and the other sides follow from the parameters.
  const matrices = layers * (matricesOfLayer + matricesOfExpert * experts);
  return matrices * hidden + parameters / hidden;
}

function parametersOf({
  parametersB = 0,
  weightsGiB,
  weightType,
}: Pick<ModelShape, "parametersB" | "weightsGiB" | "weightType">): number {
  return Math.max(parametersB * 1e9, (weightsGiB * 1024 ** 3 * 8) / bits[weightType]);
}
