import { usualRank } from "../../../catalog/adapters";
import { batch } from "../../../catalog/attempt";
import type { GpuName } from "../../../catalog/gpus";
import type { Problem } from "../../problem";
import { startVariable } from "../multi-node/group";
import type { Engine, ServedModel } from "./engine";
import { meanOf, p95Of, rateOf, sumOf } from "./figures";
import { flags } from "./flags";
import { keyOf, type OwnArguments } from "./passed-arguments";
import { askByPython, firstQuestion } from "./question";
import { valued } from "./valued";
import { ggufWeights, notOnT4, onCpus, streamerVariables, usesHub, weightsName } from "./weights";

const port = 30000;
const variable = "SGLANG_API_KEY";
const folders = { weights: "/cache/weights", compiled: "/cache/compiled", scratch: "/tmp" };

/** Arguments that follow from the entry, in all their forms (docs/facts.md 17.8). */
const own: OwnArguments = {
  model: ["--model-path", "--model", "--tokenizer-path", "--revision"],
  contextTokens: ["--context-length"],
  gpus: [
    ...["--tp-size", "--tensor-parallel-size", "--pp-size", "--pipeline-parallel-size"],
    ...["--dp-size", "--data-parallel-size", "--nnodes", "--node-rank"],
    ...["--dist-init-addr", "--nccl-init-addr"],
  ],
  division: ["--base-gpu-id", "--gpu-id-step", "--device"],
  cacheType: ["--kv-cache-dtype"],
  config: ["--config"],
  adapters: ["--enable-lora", "--lora-paths"],
  apiKey: ["--api-key", "--admin-api-key"],
  fit: [
    ...["--chunked-prefill-size", "--max-running-requests"],
    ...["--mem-fraction-static", "--max-total-tokens", "--dtype", "--served-model-name"],
    ...["--is-embedding", "--load-format", "--download-dir"],
  ],
  server: [
    ...["--host", "--port", "--enable-metrics", "--ssl-keyfile", "--ssl-certfile"],
    ...[
      "--fastapi-root-path",
      "--grpc-mode",
      "--smg-grpc-mode",
      "--grpc-port",
      "--gated-launch-port",
    ],
    ...["--skip-tokenizer-init", "--disaggregation-mode", "--encoder-only", "--language-only"],
  ],
  start: ["-h", "--help"],
};

/** Variables that decide what follows from the entry (docs/facts.md 17.25). */
const variables: OwnArguments = {
  model: ["SGLANG_USE_MODELSCOPE"],
  server: ["SGLANG_PORT", "SGLANG_GRPC_PORT"],
};

/** SGLang: serves language models on GPUs, with an API like OpenAI's. */
export const sglang: Engine = {
  tasks: ["generate", "embed"],
  image: () => "lmsysorg/sglang:v0.5.20",
  imageGiB: () => 11,
  command: ["python3", "-m", "sglang.launch_server"],
  port,
  args: (of) => [...engineArgs(of), ...(of.engineArgs ?? [])],
  memberArgs: (of) => [...engineArgs(of), ...(of.engineArgs ?? [])],
  env: (of) => ({
    HOME: folders.scratch,
    USER: "sglang",
    HF_HOME: folders.weights,
    // DeepGEMM, Triton, Inductor and FlashInfer keep what they compiled below it.
    SGLANG_CACHE_DIR: folders.compiled,
    ...(usesHub(of) ? {} : { HF_HUB_OFFLINE: "1" }),
    ...streamerVariables(of),
  }),
  user: 1000,
  folders,
  // Requests without an adapter take the place of one.
  adapterSlots: (adapters) => adapters + 1,
  room: { slots: "--max-loras-per-batch", rank: "--max-lora-rank" },
  mostAtOnce: batch.tokens,
  health: "/health",
  question: firstQuestion,
  firstAnswer: (of, seconds) => askByPython(firstQuestion(of), { port, seconds, variable }),
  metrics: {
    path: "/metrics",
    needsKey: false,
    figures: {
      queue: sumOf("sglang:num_queue_reqs"),
      running: sumOf("sglang:num_running_reqs"),
      cache: meanOf("sglang:token_usage"),
      latency: p95Of("sglang:e2e_request_latency_seconds"),
      firstToken: p95Of("sglang:time_to_first_token_seconds"),
      tokens: rateOf("sglang:generation_tokens_total"),
    },
  },
  // It looks every five seconds for the signal and for the end of its requests, and gives its processes 15 to end.
  stop: { requests: "finished", seconds: 30 },
  apiKey: { variable, open: [] },
  warmUp: (of) => ({ first: compilesDeepGemm(of) ? 1800 : 600, again: 300 }),
  own,
  ownVariable: (name) => keyOf(variables, name),
  drafts: ["--speculative-draft-model-path", "--speculative-draft-model"],
  reading: { underscores: false, flags: flags.sglang, valued: valued.sglang },
  problems: weightProblems,
};

function engineArgs(of: ServedModel): string[] {
  const { shape, servedName, fit, weights, adapters = {} } = of;
  return [
    ...["--model-path", weightsName(of)],
    ...["--served-model-name", servedName, "--host", "0.0.0.0", "--port", `${port}`],
    ...(weights.kind === "hub" && weights.revision !== undefined
      ? ["--revision", weights.revision]
      : []),
    ...(weights.kind === "bucket" ? ["--load-format", "runai_streamer"] : []),
    ...(shape.task === "embed" ? ["--is-embedding"] : []),
    ...["--context-length", `${fit.contextTokens}`],
    ...["--tp-size", `${fit.tensorParallel}`, "--pp-size", `${fit.pipelineParallel}`],
    ...(fit.nodes > 1 ? groupArgs(fit.nodes) : []),
    // Activations were counted for so many at once.
    ...["--chunked-prefill-size", `${fit.batchTokens}`],
    ...["--max-running-requests", `${fit.batchSequences}`],
    ...["--mem-fraction-static", `${staticShare(of)}`],
    ...["--dtype", fit.computeType],
    ...["--kv-cache-dtype", fit.cacheType === "fp8" ? "fp8_e4m3" : fit.cacheType],
    ...adapterArgs(adapters),
    "--enable-metrics",
    // It reads its key from an argument alone: Kubernetes fills it in, so that the pod's spec does not hold it.
    ...(of.protected === true ? ["--api-key", `$(${variable})`] : []),
  ];
}

/** Adapters, for so many of which it makes room; it takes the rank from the adapters, and room for 8, where nothing is said. */
function adapterArgs(adapters: Readonly<Record<string, string>>): string[] {
  const paths = Object.entries(adapters).map(([name, from]) => `${name}=${from}`);
  if (paths.length === 0) return [];
  return [
    ...["--max-loras-per-batch", `${paths.length + 1}`, "--max-lora-rank", `${usualRank}`],
    ...["--enable-lora", "--lora-paths", ...paths],
  ];
}

/** How the pods of one replica find each other: Kubernetes fills in the variables of their LeaderWorkerSet. */
function groupArgs(nodes: number): string[] {
  return [
    ...["--nnodes", `${nodes}`, "--node-rank", "$(LWS_WORKER_INDEX)"],
    ...["--dist-init-addr", "$(LWS_LEADER_ADDRESS):20000"],
    // By itself it gives up after ten minutes, in which no node needs to have come.
    ...["--dist-timeout", `$(${startVariable})`],
  ];
}

/** Part of a GPU's memory for weights and cache: activations and CUDA's own come besides, unlike with vLLM. */
function staticShare({ fit: { memoryShare, gib } }: ServedModel): number {
  const share = memoryShare / (1 + gib.overhead / (gib.weights + gib.cache));
  return Math.floor(share * 1000) / 1000;
}

/** Whether it compiles kernels for fp8 in all their sizes, which takes 10 to 20 minutes: on Hopper and what came later. */
function compilesDeepGemm({ shape, gpu }: ServedModel): boolean {
  const earlier: readonly (GpuName | undefined)[] = [
    ...(["T4", "A10", "A10G", "L4", "L40S", "A100", "A100-80"] as const),
  ];
  return shape.weightType === "fp8" && !earlier.includes(gpu);
}

/** Weights and GPUs that SGLang cannot put together (docs/facts.md 17.9). */
function weightProblems({ shape, gpu, fit }: ServedModel): Problem[] {
  const needsAmpere = ["mxfp4", "awq-int4", "fp8"].includes(shape.weightType);
  return [
    ...(fit.gpus === 0 ? [onCpus("sglang")] : []),
    ...(shape.weightType === "gguf" ? [ggufWeights("sglang")] : []),
    ...(gpu === "T4" && needsAmpere ? [notOnT4("sglang", shape)] : []),
  ];
}
