import { batch } from "../../../catalog/attempt";
import type { Problem } from "../../problem";
import { startVariable } from "../multi-node/group";
import type { Engine, ServedModel } from "./engine";
import { meanOf, p95Of, rateOf, sumOf } from "./figures";
import { flags } from "./flags";
import { keyOf, passedProblems, type OwnArguments, type Reading } from "./passed-arguments";
import { askByPython, firstQuestion } from "./question";
import { valued } from "./valued";
import { ggufWeights, notOnT4, onCpus, streamerVariables, usesHub, weightsName } from "./weights";

const port = 8000;
const variable = "VLLM_API_KEY";
const folders = { weights: "/cache/weights", compiled: "/cache/compiled", scratch: "/tmp" };

/** Arguments that follow from the entry, in all their forms (docs/facts.md 17.3). */
const own: OwnArguments = {
  model: ["--model", "--tokenizer", "--revision", "--tokenizer-revision"],
  contextTokens: ["--max-model-len"],
  gpus: [
    ...["--tensor-parallel-size", "-tp", "--pipeline-parallel-size", "-pp"],
    ...["--data-parallel-size", "-dp", "--nnodes", "-n", "--node-rank", "-r"],
    ...["--master-addr", "--distributed-executor-backend"],
  ],
  division: [
    ...["--prefill-context-parallel-size", "-pcp", "--data-parallel-size-local", "-dpl"],
    ...["--data-parallel-rank", "-dpn", "--data-parallel-start-rank", "-dpr"],
    ...["--data-parallel-address", "-dpa", "--data-parallel-rpc-port", "-dpp"],
    ...["--data-parallel-backend", "-dpb", "--data-parallel-hybrid-lb", "-dph"],
    ...["--data-parallel-external-lb", "-dpe", "--data-parallel-supervisor-port"],
    ...["--enable-elastic-ep", "--no-enable-elastic-ep", "--elastic-ep-max-dp-size"],
  ],
  cacheType: ["--kv-cache-dtype"],
  config: ["--config"],
  adapters: ["--enable-lora", "--no-enable-lora", "--lora-modules"],
  apiKey: ["--api-key"],
  token: ["--hf-token"],
  drain: ["--shutdown-timeout"],
  fit: [
    ...["--gpu-memory-utilization", "--device-memory-utilization", "--kv-cache-memory-bytes"],
    ...["--max-num-batched-tokens", "--max-num-seqs", "--num-gpu-blocks-override"],
    ...["--dtype", "--served-model-name", "--runner", "--load-format", "--download-dir"],
  ],
  server: [
    ...["--host", "--port", "--uds", "--headless", "--root-path"],
    ...["--ssl-keyfile", "--ssl-certfile", "--data-parallel-multi-port-external-lb", "-dpm"],
    ...["--grpc", "--tokens-only", "--skip-tokenizer-init", "--no-skip-tokenizer-init"],
  ],
  start: ["-h", "--help"],
};

/** What the pods of a replica that have no server do not start with. */
const ofServers: OwnArguments = { members: ["--api-server-count", "-asc"] };

const reading: Reading = { underscores: true, flags: flags.vllm, valued: valued.vllm };

/** Variables that decide what follows from the entry (docs/facts.md 17.25). */
const variables: OwnArguments = {
  model: ["VLLM_USE_MODELSCOPE"],
  gpus: [
    ...["VLLM_DP_RANK", "VLLM_DP_RANK_LOCAL", "VLLM_DP_SIZE", "VLLM_PP_LAYER_PARTITION"],
    ...["VLLM_DP_MASTER_IP", "VLLM_DP_MASTER_PORT"],
  ],
  cache: ["VLLM_CACHE_ROOT"],
  server: ["VLLM_PORT"],
};

/** vLLM: serves language models on GPUs, with an API like OpenAI's. */
export const vllm: Engine = {
  tasks: ["generate", "embed"],
  image: () => "vllm/vllm-openai:v0.31.0",
  imageGiB: () => 11,
  port,
  args: (of) => [...engineArgs(of), ...(of.engineArgs ?? [])],
  memberArgs: (of) => [...engineArgs(of), "--headless", ...(of.engineArgs ?? [])],
  memberCommand: ["vllm", "serve"],
  env: (of) => ({
    // Triton, FlashInfer, DeepGEMM and vLLM itself keep what they compiled below the home.
    HOME: folders.compiled,
    // No image has a name for every user, and PyTorch asks for one.
    USER: "vllm",
    HF_HOME: folders.weights,
    VLLM_NO_USAGE_STATS: "1",
    // The fit leaves them a tenth of the memory; the estimate was seen at 118 GiB (docs/facts.md 16.6).
    VLLM_MEMORY_PROFILER_ESTIMATE_CUDAGRAPHS: "0",
    ...(usesHub(of) ? {} : { HF_HUB_OFFLINE: "1" }),
    ...streamerVariables(of),
  }),
  streams: true,
  user: 2000,
  folders,
  room: {
    ...{ slots: "--max-loras", rank: "--max-lora-rank" },
    ranks: [1, 8, 16, 32, 64, 128, 256, 320, 512],
  },
  mostAtOnce: batch.tokens,
  health: "/health",
  question: firstQuestion,
  firstAnswer: (of, seconds) => askByPython(firstQuestion(of), { port, seconds, variable }),
  metrics: {
    path: "/metrics",
    needsKey: false,
    figures: {
      queue: sumOf("vllm:num_requests_waiting"),
      running: sumOf("vllm:num_requests_running"),
      cache: meanOf("vllm:kv_cache_usage_perc"),
      latency: p95Of("vllm:e2e_request_latency_seconds"),
      firstToken: p95Of("vllm:time_to_first_token_seconds"),
      tokens: rateOf("vllm:generation_tokens_total"),
    },
  },
  stop: { requests: "finished", seconds: 15 },
  apiKey: {
    variable,
    guarded: ["/v1", "/v2", "/inference", "/cohere"],
    open: ["/invocations", "/tokenize", "/detokenize"],
  },
  warmUp: () => ({ first: 600, again: 300 }),
  own,
  ownVariable: (name) => keyOf(variables, name),
  drafts: ["--speculative-config", "-sc", "--spec-model"],
  reading,
  problems: weightProblems,
};

function engineArgs({ shape, servedName, fit, weights, adapters = {}, drain }: ServedModel) {
  const names = Object.keys(adapters);
  return [
    weightsName({ shape, weights }),
    ...["--served-model-name", servedName, "--host", "0.0.0.0", "--port", `${port}`],
    ...(weights.kind === "hub" && weights.revision !== undefined
      ? ["--revision", weights.revision, "--tokenizer-revision", weights.revision]
      : []),
    ...(weights.kind === "bucket" ? ["--load-format", "runai_streamer"] : []),
    ...(weights.kind === "bucket" && fit.tensorParallel > 1
      ? ["--model-loader-extra-config", '{"distributed":true}']
      : []),
    ...(shape.task === "embed" ? ["--runner", "pooling"] : []),
    ...["--max-model-len", `${fit.contextTokens}`],
    ...["--tensor-parallel-size", `${fit.tensorParallel}`],
    ...["--pipeline-parallel-size", `${fit.pipelineParallel}`],
    ...(fit.nodes > 1 ? groupArgs(fit.nodes) : []),
    ...["--gpu-memory-utilization", `${fit.memoryShare}`],
    ...["--dtype", fit.computeType, "--kv-cache-dtype", fit.cacheType],
    // Activations were counted for so many at once.
    ...["--max-num-batched-tokens", `${batchTokensOf({ shape, fit })}`],
    ...["--max-num-seqs", `${fit.batchSequences}`],
    ...(names.length > 0
      ? ["--enable-lora", "--max-loras", `${names.length}`, "--lora-modules"]
      : []),
    ...Object.entries(adapters).map(([name, from]) => `${name}=${from}`),
    ...["--shutdown-timeout", `${drain}`],
    ...["--disable-access-log-for-endpoints", "/health,/metrics"],
  ];
}

/** Tokens that are processed at once: encoders process each input as a whole (docs/facts.md 17.19). */
function batchTokensOf({ shape, fit }: Pick<ServedModel, "shape" | "fit">): number {
  return shape.task === "embed" ? Math.max(fit.batchTokens, fit.contextTokens) : fit.batchTokens;
}

/** How the pods of one replica find each other: Kubernetes fills in the variables of their LeaderWorkerSet. */
function groupArgs(nodes: number): string[] {
  return [
    ...["--nnodes", `${nodes}`, "--node-rank", "$(LWS_WORKER_INDEX)"],
    ...["--master-addr", "$(LWS_LEADER_ADDRESS)"],
    // By itself it gives up after ten minutes, in which no node needs to have come.
    ...["--distributed-timeout-seconds", `$(${startVariable})`],
  ];
}

/** Weights, GPUs and arguments that vLLM cannot put together (docs/facts.md 17.5, 17.28). */
function weightProblems({ shape, gpu, fit, engineArgs }: ServedModel): Problem[] {
  return [
    ...(fit.nodes > 1 ? passedProblems(engineArgs, ofServers, reading) : []),
    ...(fit.gpus === 0 ? [onCpus("vllm")] : []),
    ...(shape.weightType === "gguf" ? [ggufWeights("vllm")] : []),
    ...(gpu === "T4" && shape.weightType === "mxfp4" ? [notOnT4("vllm", shape)] : []),
  ];
}
