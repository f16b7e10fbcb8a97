import type { Problem } from "../../problem";
import type { Engine, ServedModel } from "./engine";
import { rateOf, sumOf } from "./figures";
import { flags } from "./flags";
import { passedProblems, type OwnArguments, type Reading } from "./passed-arguments";
import { waitUntilIdle } from "./idle";
import { askByCurl, firstQuestion } from "./question";
import { noAdapters, noBuckets } from "./weights";

const port = 8080;
const variable = "LLAMA_API_KEY";
/** Slots that it makes at most (docs/facts.md 17.21). */
const mostSlots = 256;
/** What its metrics say while it has requests. */
const busy = "^llamacpp:requests_(processing|deferred) [1-9]";
const folders = { weights: "/cache/weights", scratch: "/tmp" };

/** Arguments that follow from the entry, in all their forms (docs/facts.md 17.12). */
const own: OwnArguments = {
  model: [
    ...["-m", "--model", "-mu", "--model-url", "-hf", "-hfr", "--hf-repo", "-hff", "--hf-file"],
    ...["-dr", "--docker-repo", "--models-dir", "--models-preset"],
    // Each is another model, most at another port.
    ...["--embd-gemma-default", "--gpt-oss-20b-default", "--gpt-oss-120b-default"],
    ...["--fim-qwen-1.5b-default", "--fim-qwen-3b-default", "--fim-qwen-7b-default"],
    ...["--fim-qwen-7b-spec", "--fim-qwen-14b-spec", "--fim-qwen-30b-default"],
    ...["--vision-gemma-4b-default", "--vision-gemma-12b-default"],
  ],
  contextTokens: ["-c", "--ctx-size", "--kv-unified-per-slot"],
  concurrency: ["-np", "--parallel"],
  cacheType: ["-ctk", "--cache-type-k", "-ctv", "--cache-type-v"],
  adapters: ["--lora", "--lora-scaled", "--lora-init-without-apply"],
  apiKey: ["--api-key", "--api-key-file"],
  token: ["-hft", "--hf-token"],
  cpu: ["-t", "--threads"],
  fit: [
    ...["-ngl", "--gpu-layers", "--n-gpu-layers", "-a", "--alias", "--embedding", "--embeddings"],
    ...["--rerank", "--reranking"],
  ],
  server: [
    ...["--host", "--port", "--api-prefix", "--metrics", "--ssl-key-file", "--ssl-cert-file"],
    ...["--sleep-idle-seconds"],
  ],
  start: [
    ...["-h", "--help", "--usage", "--version", "-cl", "--cache-list", "--completion-bash"],
    ...["--list-devices", "--draft", "--draft-n", "--draft-max", "--draft-min", "--draft-n-min"],
    ...["--spec-ngram-size-n", "--spec-ngram-size-m", "--spec-ngram-min-hits"],
  ],
};

/** What takes memory of the pod besides the model. */
const ofMemory: OwnArguments = { cpuMemory: ["-cram", "--cache-ram"] };

const reading: Reading = { underscores: true, equals: false, flags: flags["llama.cpp"] };

/** llama.cpp: serves models in the format GGUF, on CPUs and GPUs, with an API like OpenAI's and a chat page. */
export const llamaCpp: Engine = {
  tasks: ["generate", "embed"],
  image: ({ fit }) =>
    `ghcr.io/ggml-org/llama.cpp:${fit.gpus > 0 ? "server-cuda" : "server"}-b11459`,
  imageGiB: ({ fit }) => (fit.gpus > 0 ? 11 : 1),
  port,
  args: (of) => [...engineArgs(of), ...(of.engineArgs ?? [])],
  env: ({ weights }) => ({
    HOME: folders.scratch,
    ...(weights.kind === "hub" ? { LLAMA_CACHE: folders.weights } : { LLAMA_ARG_OFFLINE: "1" }),
  }),
  user: 1000,
  folders,
  mostAtOnce: mostSlots,
  health: "/health",
  question: firstQuestion,
  firstAnswer: (of, seconds) =>
    askByCurl(firstQuestion(of), {
      ...{ port, seconds },
      variable: of.protected === true ? variable : undefined,
    }),
  metrics: {
    path: "/metrics",
    // Its key protects everything but its page and its health.
    needsKey: true,
    figures: {
      queue: sumOf("llamacpp:requests_deferred"),
      running: sumOf("llamacpp:requests_processing"),
      tokens: rateOf("llamacpp:tokens_predicted_total"),
    },
  },
  stop: {
    requests: "dropped",
    wait: (times) => waitUntilIdle({ port, path: "/metrics", busy, variable }, times),
    seconds: 5,
  },
  apiKey: { variable, open: ["/"] },
  warmUp: () => ({ first: 30, again: 30 }),
  own,
  ownVariable: (name) => (name.startsWith("LLAMA_ARG_") ? "engineArgs" : undefined),
  drafts: [
    ...["-md", "--model-draft", "--spec-draft-model"],
    ...["-hfd", "-hfrd", "--hf-repo-draft", "--spec-draft-hf"],
  ],
  reading,
  problems: llamaProblems,
};

function engineArgs({ shape, servedName, fit, weights, cpus }: ServedModel): string[] {
  return [
    ...weightsOf({ shape, weights }),
    ...["--alias", servedName, "--host", "0.0.0.0", "--port", `${port}`],
    // Its slots share the context in equal parts.
    ...["--ctx-size", `${fit.contextTokens * fit.concurrency}`, "--parallel", `${fit.concurrency}`],
    ...(fit.gpus > 0 ? ["--n-gpu-layers", "all"] : []),
    ...(cpus === undefined ? [] : ["--threads", `${Math.max(1, Math.floor(cpus))}`]),
    // Prompts kept in memory besides the cache: 8 GiB where nothing is said, which the pod does not have.
    ...["--cache-ram", "0"],
    ...(shape.task === "embed" ? ["--embedding"] : []),
    "--metrics",
  ];
}

function weightsOf({ shape, weights }: Pick<ServedModel, "shape" | "weights">): string[] {
  const { file = "" } = shape;
  if (weights.kind !== "hub") {
    const path = weights.kind === "folder" ? weights.path : weights.url;
    return ["--model", path.endsWith(".gguf") ? path : `${path}/${file}`];
  }
  // A repository's newest commit is all that --hf-repo knows.
  return weights.revision === undefined
    ? ["--hf-repo", shape.name, "--hf-file", file]
    : ["--model-url", `https://huggingface.co/${shape.name}/resolve/${weights.revision}/${file}`];
}

/** What llama.cpp cannot serve (docs/facts.md 17.13). */
function llamaProblems({ shape, fit, weights, adapters = {}, engineArgs }: ServedModel): Problem[] {
  const problems = fit.gpus > 0 ? [] : passedProblems(engineArgs, ofMemory, reading);
  const hasFile =
    shape.file !== undefined || (weights.kind === "folder" && weights.path.endsWith(".gguf"));
  if (shape.weightType !== "gguf") {
    problems.push({
      ...{ path: ["engine"], found: `llama.cpp for ${shape.weightType} weights` },
      problem: "loads weights in the format GGUF alone",
      allowed: "llama.cpp for weights in the format GGUF",
      fix: `remove engine, or write a repository of ${shape.name} in the format GGUF and its file`,
    });
  } else if (!hasFile) {
    problems.push({
      ...{ path: ["model", "file"], found: "nothing" },
      problem: "missing: a repository in the format GGUF has the same weights in many files",
      allowed: "the file that is loaded",
      fix: "write model: { name, file }, for example file: model.Q4_K_M.gguf",
    });
  }
  if (fit.nodes > 1) {
    problems.push({
      ...{ path: ["engine"], found: `llama.cpp on ${fit.nodes} machines` },
      problem: "runs on one machine",
      allowed: "vllm and sglang on several machines",
      fix: "choose a pool whose machines hold the model, or a smaller file of it",
    });
  }
  if (fit.cacheType === "fp8") {
    problems.push({
      ...{ path: ["cacheType"], found: `"fp8"` },
      problem: "not computed by llama.cpp",
      allowed: "auto",
      fix: "remove it",
    });
  }
  if (Object.keys(adapters).length > 0) {
    problems.push(noAdapters("llama.cpp", "chosen by number, not by the name of a model"));
  }
  if (weights.kind === "bucket") problems.push(noBuckets("llama.cpp"));
  return problems;
}
