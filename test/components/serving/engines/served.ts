import type { ServedModel } from "../../../../components/serving/engines/engine";

/** A model of 8 billion parameters on one L4, from the hub. */
export const onL4: ServedModel = {
  shape: {
    ...{ name: "Qwen/Qwen3-8B-AWQ", weightsGiB: 5.7, weightType: "awq-int4" },
    ...{ layers: 36, heads: 32, maxContext: 40960 },
  },
  servedName: "qwen3",
  fit: {
    ...{ gpus: 1, nodes: 1, tensorParallel: 1, pipelineParallel: 1 },
    ...{ contextTokens: 16384, concurrency: 4, computeType: "auto", cacheType: "auto" },
    ...{ batchTokens: 2048, batchSequences: 256 },
    ...{ memoryShare: 0.9, gib: { weights: 5.8, overhead: 2.3, cache: 12.06 } },
  },
  gpu: "L4",
  weights: { kind: "hub" },
  drain: 120,
};

/** The same with other values, those of the fit besides its own. */
export function served(
  {
    fit,
    shape,
    ...others
  }: Partial<Omit<ServedModel, "fit" | "shape">> & {
    fit?: Partial<ServedModel["fit"]>;
    shape?: Partial<ServedModel["shape"]>;
  } = {},
  from: ServedModel = onL4,
): ServedModel {
  return {
    ...{ ...from, ...others },
    fit: { ...from.fit, ...fit },
    shape: { ...from.shape, ...shape },
  };
}

/** The values of arguments by name, empty for those without. */
export function argumentsOf(args: readonly string[]): Record<string, string> {
  const isName = (word = "--") => /^--?[A-Za-z]|^--$/.test(word);
  return Object.fromEntries(
    args.flatMap((word, place) => {
      const next = args[place + 1];
      return isName(word) ? [[word, next === undefined || isName(next) ? "" : next]] : [];
    }),
  );
}
