import type { ModelShape, WeightType } from "./model";

/** Weights that are not cut into blocks, which any division of the heads divides too. */
const plain: readonly WeightType[] = ["fp32", "bf16", "fp16"];

/** Whether each layer of a model can be divided among so many GPUs (docs/facts.md 16.10). */
export function divides(model: ModelShape, gpus: number): boolean {
  const { heads, attention, weightType } = model;
  if (heads % gpus !== 0) return false;
  // The blocks of quantized weights divide by powers of two.
  if (!isPowerOfTwo(gpus) && !plain.includes(weightType)) return false;
  if (!attention || attention.latent) return true;
  const { kvHeads, slidingKvHeads = kvHeads } = attention;
  return headsDivide(kvHeads, gpus) && headsDivide(slidingKvHeads, gpus);
}

/** Heads of keys and values are divided, or each is on several GPUs. */
function headsDivide(kvHeads: number, gpus: number): boolean {
  return kvHeads % gpus === 0 || gpus % kvHeads === 0;
}

/** The most GPUs of a pod that each layer can be divided among, so that the rest are groups of layers. */
export function widestTensorParallel(model: ModelShape, gpus: number): number {
  let width = gpus;
  while (width > 1 && (gpus % width !== 0 || !divides(model, width))) width--;
  return width;
}

/** Whether a pod is given so many GPUs where the file does not say how many: all, a power of two, or what divides the heads. */
export function isUsualCount(model: ModelShape, gpus: number, most: number): boolean {
  return gpus === most || isPowerOfTwo(gpus) || divides(model, gpus);
}

function isPowerOfTwo(count: number): boolean {
  return (count & (count - 1)) === 0;
}
