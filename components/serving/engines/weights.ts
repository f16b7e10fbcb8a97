import type { Problem } from "../../problem";
import type { ServedModel } from "./engine";

/** The argument or variable that names the weights of an engine that takes repositories, folders and buckets alike. */
export function weightsName({ shape, weights }: Pick<ServedModel, "shape" | "weights">): string {
  switch (weights.kind) {
    case "hub":
      return shape.name;
    case "folder":
      return weights.path;
    case "bucket":
      return weights.url;
  }
}

/** Whether anything comes from the hub: weights, or an adapter that is no path. */
export function usesHub({
  weights = { kind: "hub" },
  adapters = {},
}: Partial<Pick<ServedModel, "weights" | "adapters">>): boolean {
  return weights.kind === "hub" || Object.values(adapters).some((from) => !from.startsWith("/"));
}

/**
 * Variables of what streams weights: a buffer of the largest tensor. Its own 40 GB, or all of the weights with several GPUs, are more
 * memory than pods on small machines have (docs/facts.md 23.6).
 */
export function streamerVariables({ weights }: ServedModel): Record<string, string> {
  return weights.kind === "bucket" ? { RUNAI_STREAMER_MEMORY_LIMIT: "0" } : {};
}

/** An engine that computes on GPUs alone has none. */
export function onCpus(engine: string): Problem {
  return {
    ...{ path: ["engine"], found: `${engine} on CPUs` },
    problem: "needs GPUs",
    allowed: `${engine} on GPUs, llama.cpp on CPUs`,
    fix: "choose a pool with GPUs, or write engine: llama.cpp with weights in the format GGUF",
  };
}

/** An engine cannot load files in the format GGUF. */
export function ggufWeights(engine: string): Problem {
  return {
    ...{ path: ["engine"], found: `${engine} for weights in the format GGUF` },
    problem: "does not load them",
    allowed: "llama.cpp for weights in the format GGUF",
    fix: "write engine: llama.cpp, or a repository with safetensors",
  };
}

/** An engine has no adapters that requests ask for by name. */
export function noAdapters(engine: string, why: string): Problem {
  return {
    ...{ path: ["adapters"], found: `adapters for ${engine}` },
    problem: why,
    allowed: "adapters for vllm and sglang",
    fix: "remove them, or write engine: vllm",
  };
}

/** An engine reads no buckets. */
export function noBuckets(engine: string): Problem {
  return {
    ...{ path: ["model", "from"], found: `a bucket that ${engine} streams from` },
    problem: "not read by this engine",
    allowed: "the hub, a volume or a path in the image; vllm streams from buckets",
    fix: "mount the bucket as a volume and write its name",
  };
}

/** An engine computes weights of a type on GPUs of compute capability 8.0 and more. */
export function notOnT4(engine: string, { weightType }: ServedModel["shape"]): Problem {
  return {
    ...{ path: ["pool"], found: `${weightType} weights on T4` },
    problem: `not computed by ${engine} on this GPU`,
    allowed: "GPUs of a newer generation, such as L4, A10 and A100",
    fix: "choose a pool with such GPUs, or a repository with weights of another type",
  };
}
