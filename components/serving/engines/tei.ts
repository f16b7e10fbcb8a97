import type { GpuName } from "../../../catalog/gpus";
import type { Problem } from "../../problem";
import type { Engine, Question, ServedModel } from "./engine";
import { p95Of, rateOf, sumOf } from "./figures";
import { flags } from "./flags";
import { keyOf, type OwnArguments } from "./passed-arguments";
import { askByCurl, firstQuestion } from "./question";
import { ggufWeights, noAdapters, noBuckets, weightsName } from "./weights";

const port = 8080;
const variable = "API_KEY";
const folders = { weights: "/cache/weights", scratch: "/tmp" };
const version = "1.9.3";

/** Tokens of one batch where nothing is said: longer inputs are cut, or need more. */
const defaultBatch = 16_384;

/** What its images are called by the generation of the GPU, compute capability 10.3 apart, for which there is none (docs/facts.md 17.15). */
const images: Readonly<Partial<Record<GpuName, string>>> = {
  T4: "turing-",
  A10: "86-",
  A10G: "86-",
  L4: "89-",
  L40S: "89-",
  "RTX-PRO-4500": "120-",
  "RTX-PRO-6000": "120-",
  A100: "",
  "A100-80": "",
  H100: "hopper-",
  "H100-MEGA": "hopper-",
  "H100-NVL": "hopper-",
  H200: "hopper-",
  B200: "100-",
};

/** Arguments that follow from the entry, in all their forms (docs/facts.md 17.15). */
const own: OwnArguments = {
  model: ["--model-id", "--revision"],
  contextTokens: ["--max-batch-tokens"],
  apiKey: ["--api-key"],
  token: ["--hf-token", "--hf-api-token"],
  fit: ["--served-model-name", "--huggingface-hub-cache", "--dtype"],
  server: ["--hostname", "--port", "-p", "--prometheus-port"],
  start: ["-h", "--help", "-V", "--version"],
};

/** Text Embeddings Inference: makes vectors, labels and scores of texts, on CPUs and on one GPU. */
export const tei: Engine = {
  tasks: ["embed", "classify"],
  image: ({ fit, gpu }) => {
    const kind = fit.gpus === 0 ? "cpu-" : gpu === undefined ? "cuda-" : (images[gpu] ?? "cuda-");
    return `ghcr.io/huggingface/text-embeddings-inference:${kind}${version}`;
  },
  imageGiB: ({ fit }) => (fit.gpus > 0 ? 11 : 1),
  port,
  args: (of) => [...engineArgs(of), ...(of.engineArgs ?? [])],
  env: () => ({
    HOME: folders.scratch,
    HUGGINGFACE_HUB_CACHE: folders.weights,
  }),
  user: 1000,
  folders,
  health: "/health",
  question: teiQuestion,
  firstAnswer: (of, seconds) =>
    askByCurl(teiQuestion(of), {
      ...{ port, seconds },
      variable: of.protected === true ? variable : undefined,
    }),
  metrics: {
    path: "/metrics",
    needsKey: false,
    figures: {
      queue: sumOf("te_queue_size"),
      latency: p95Of("te_request_duration"),
      tokens: rateOf("te_batch_next_tokens_sum"),
    },
  },
  stop: { requests: "finished", seconds: 5 },
  apiKey: { variable, open: ["/docs"] },
  warmUp: () => ({ first: 60, again: 60 }),
  own,
  // Each option has a variable (docs/facts.md 17.25).
  ownVariable: (name) => keyOf(own, `--${name.toLowerCase().replaceAll("_", "-")}`),
  reading: { underscores: false, flags: flags.tei },
  problems: teiProblems,
};

/** What a model is asked first: for the labels of a text where it classifies, also where it reranks (docs/facts.md 17.23). */
function teiQuestion(of: ServedModel): Question {
  return of.shape.task === "classify"
    ? { path: "/predict", body: { inputs: "1 + 1 =" } }
    : firstQuestion(of);
}

function engineArgs({ shape, servedName, fit, weights }: ServedModel): string[] {
  return [
    ...["--model-id", weightsName({ shape, weights })],
    ...(weights.kind === "hub" && weights.revision !== undefined
      ? ["--revision", weights.revision]
      : []),
    ...["--served-model-name", servedName, "--hostname", "0.0.0.0", "--port", `${port}`],
    ...["--max-batch-tokens", `${Math.max(defaultBatch, fit.contextTokens)}`],
    "--json-output",
  ];
}

/** What TEI cannot serve (docs/facts.md 17.15). */
function teiProblems({ shape, fit, gpu, weights, adapters = {} }: ServedModel): Problem[] {
  const problems: Problem[] = [];
  if (fit.gpus * fit.nodes > 1) {
    problems.push({
      ...{ path: ["gpus"], found: `${fit.gpus * fit.nodes}` },
      problem: "more than tei uses",
      allowed: "one GPU, or CPUs",
      fix: "choose a pool with larger GPUs, or write engine: vllm",
    });
  }
  if (fit.gpus > 0 && gpu !== undefined && images[gpu] === undefined) {
    problems.push({
      ...{ path: ["pool"], found: `tei on ${gpu}` },
      problem: "no image of tei is made for this GPU",
      allowed: Object.keys(images).join(", "),
      fix: "choose a pool with such a GPU or CPUs, or write engine: vllm",
    });
  }
  if (shape.weightType === "gguf") problems.push(ggufWeights("tei"));
  else if (!["fp32", "bf16", "fp16"].includes(shape.weightType)) {
    problems.push({
      ...{ path: ["model"], found: `${shape.weightType} weights` },
      problem: "not computed by tei",
      allowed: "fp32, bf16, fp16",
      fix: "write a repository with such weights, or engine: vllm",
    });
  }
  if (Object.keys(adapters).length > 0) problems.push(noAdapters("tei", "not loaded by tei"));
  if (weights.kind === "bucket") problems.push(noBuckets("tei"));
  return problems;
}
