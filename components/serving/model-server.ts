import type * as pulumi from "@pulumi/pulumi";
import { millicores } from "../../catalog/cpu";
import { podMemoryGiB } from "../../catalog/cpu-fit";
import type { Fit } from "../../catalog/fit-result";
import { isKnownGpu } from "../../catalog/gpu-types";
import type { ModelShape } from "../../catalog/model";
import type { PlacedPool } from "../cluster/cluster";
import { firstAnswerTime } from "../workload/container";
import type { Engine, ServedModel, Weights } from "./engines/engine";
import { engineProblems, engines, type EngineName } from "./engines/engines";
import { memoryProblems, variableProblems } from "./model-problems";
import { startupTime } from "./startup-time";

/** What a service says of the model that it serves, in place of an image. */
export interface ModelArgs {
  /** Model that is served: the name of one in the catalog, or its shape. */
  model: string | ModelShape;
  /** Server that runs it. @default tei for embeddings, classifiers and rerankers, llama.cpp for GGUF and without GPUs, else vllm */
  engine?: EngineName;
  /** The most tokens of one sequence, prompt and answer together, 256 to 16777216. @default what fits, at most what the model can */
  contextTokens?: number;
  /** Sequences of that length that one replica holds at once, at least, 1 to 4096. @default 1 */
  concurrency?: number;
  /** The most nodes that one replica is spread over; more than one needs the controller of LeaderWorkerSets, 1 to 64. @default 1 */
  nodesPerReplica?: number;
  /** Numbers of the KV cache. @default "auto", those of the model */
  cacheType?: "auto" | "fp8";
  /** Where the weights come from. @default the hub, its newest revision */
  weights?: Weights;
  /** LoRA adapters by the name that requests ask for them by. @default {} */
  adapters?: Readonly<Record<string, string>>;
  /** Token of the hub, for gated models. @default none */
  token?: pulumi.Input<string>;
  /** Key that requests must bring. @default none */
  apiKey?: pulumi.Input<string>;
  /** More arguments of the engine. @default [] */
  engineArgs?: readonly string[];
}

/** A model, the engine that runs it, and the nodes that it runs on. */
export interface PlacedModel {
  shape: ModelShape;
  engine: EngineName;
  fit: Fit;
  /** Pool that it was placed on. @default it runs on CPUs of nodes of no pool */
  pool?: Pick<PlacedPool, "gpu" | "gpusPerNode" | "room">;
}

/** Variable in which engines look for a token of the hub (docs/facts.md 17). */
export const tokenVariable = "HF_TOKEN";

/** Seconds that requests in flight get when a replica of a model stops: long answers take minutes. */
const modelDrain = 120;

/** Most cores that a model on CPUs is promised: memory is what it waits for then. */
const mostCores = 16;

/** Part of its GPUs' share of a node that a pod is promised: the rest is for what runs on each node. */
const shareOfNode = 0.8;

/**
 * The container that serves a model, in the arguments of a service; what the entry says itself goes before it. `drain`: seconds that
 * requests in flight get when a replica stops; `variables`: names of those that the entry sets.
 */
export function modelServer(
  placed: PlacedModel,
  args: ModelArgs,
  {
    drain = modelDrain,
    cpu,
    memory,
    variables = [],
  }: { drain?: number; cpu?: string; memory?: string; variables?: readonly string[] } = {},
) {
  const { shape, fit, pool } = placed;
  const engine: Engine = engines[placed.engine];
  const ofPod = { ...ofNode(fit, pool), ...(cpu !== undefined && { cpu }) };
  const cpus = fit.gpus > 0 ? undefined : coresOf(ofPod.cpu);
  const served = { ...servedModel(placed, args, drain), cpus };
  const { wait } = engine.stop;
  const env = engine.env(served);
  const secrets = { token: tokenVariable, apiKey: engine.apiKey.variable };
  return {
    container: {
      image: engine.image(served),
      ...(engine.command && { command: [...engine.command] }),
      args: engine.args(served),
      port: engine.port,
      health: engine.health,
      gpus: fit.gpus,
      ...ofPod,
      startup: startupTime({
        imageGiB: engine.imageGiB(served),
        weightsGiB: shape.weightsGiB,
        weights: served.weights.kind,
        warmUp: engine.warmUp(served).first,
      }),
      drain: drain + engine.stop.seconds,
      user: engine.user,
    },
    env,
    /** Variables that hold what is secret of the arguments. */
    secrets,
    server: {
      firstAnswer: engine.firstAnswer(served, firstAnswerTime),
      ...(wait && { waitForIdle: (before: number) => wait({ before, most: drain }) }),
      ownFolders: ownFolders(engine, shape),
      metrics: { port: engine.port, path: engine.metrics.path },
      figures: engine.metrics.figures,
      ...(fit.nodes > 1 && {
        nodeGroup: {
          nodes: fit.nodes,
          memberArgs: engine.memberArgs?.(served) ?? [],
          memberCommand: engine.memberCommand,
        },
      }),
    },
    /** Folders to keep between starts. */
    kept: engine.folders,
    problems: [
      ...engineProblems(placed.engine, served),
      ...memoryProblems(fit, { said: memory, share: ofPod.memory }),
      ...variableProblems(engine, { env, secrets, token: args.token !== undefined }, variables),
    ],
  };
}

/** The model as its engine sees it. */
function servedModel(
  { shape, fit, pool }: PlacedModel,
  args: ModelArgs,
  drain: number,
): ServedModel {
  const { weights = { kind: "hub" }, adapters, contextTokens, concurrency } = args;
  const { engineArgs, token, apiKey } = args;
  return {
    ...{ shape, servedName: shape.name, fit, weights, drain },
    ...{ adapters, contextTokens, concurrency, engineArgs },
    ...(fit.gpus > 0 && pool?.gpu !== undefined && isKnownGpu(pool.gpu) && { gpu: pool.gpu }),
    ...{ protected: apiKey !== undefined, token: token !== undefined },
  };
}

/** The variables of an engine whose values are secrets: a token of the hub, and the key that requests bring. */
export function secretVariables<Secret>(
  { token, apiKey }: { token?: Secret; apiKey?: Secret },
  names: { token: string; apiKey: string },
): Record<string, { secret: Secret }> {
  return {
    ...(token !== undefined && { [names.token]: { secret: token } }),
    ...(apiKey !== undefined && { [names.apiKey]: { secret: apiKey } }),
  };
}

/** What a pod is promised of a node: the share of its GPUs, or on CPUs the memory that the model takes and a core for each GiB of weights. */
function ofNode(fit: Fit, pool: PlacedModel["pool"]): { cpu?: string; memory: string } | undefined {
  if (fit.gpus === 0) {
    const cores = Math.min(mostCores, Math.ceil(fit.gib.weights));
    const cpu = fit.gib.weights < 0.5 ? "500m" : `${cores}`;
    return { cpu, memory: `${Math.ceil(podMemoryGiB(fit) * 1024)}Mi` };
  }
  if (!pool?.room) return undefined;
  const share = (shareOfNode * fit.gpus) / pool.gpusPerNode;
  return {
    cpu: `${Math.floor(pool.room.millicores * share)}m`,
    memory: `${Math.floor(pool.room.memoryMiB * share)}Mi`,
  };
}

/** Whole cores of an amount of CPU, one at least: threads that have no core of their own wait for each other. */
function coresOf(cpu: string | undefined): number {
  return Math.max(1, Math.floor(millicores(cpu ?? "1") / 1000));
}

/** Folders that the engine writes to, each with the most that it may hold. */
function ownFolders({ folders }: Engine, { weightsGiB }: ModelShape): Record<string, string> {
  const weights = `${Math.ceil(weightsGiB * 1.1) + 5}Gi`;
  return {
    [folders.weights]: weights,
    ...(folders.compiled !== undefined && { [folders.compiled]: "10Gi" }),
    [folders.scratch]: "5Gi",
  };
}
