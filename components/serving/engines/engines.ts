import type { ModelShape, ModelTask } from "../../../catalog/model";
import type { Problem } from "../../problem";
import type { Engine, ServedModel } from "./engine";
import { roomProblems } from "./adapter-room";
import { draftProblems } from "./draft-model";
import { llamaCpp } from "./llama-cpp";
import { passedProblems, strayProblems } from "./passed-arguments";
import { sglang } from "./sglang";
import { tei } from "./tei";
import { vllm } from "./vllm";

/** The engines by their name in a stack file: a new one is a file, and a line here. */
export const engines = {
  vllm,
  sglang,
  "llama.cpp": llamaCpp,
  tei,
} as const satisfies Readonly<Record<string, Engine>>;

/** Name of an engine in a stack file. */
export type EngineName = keyof typeof engines;

/** The names that a stack file may write. */
export const engineNames: readonly EngineName[] = Object.keys(engines).filter(isEngineName);

/** Whether an engine is called so. */
function isEngineName(name: string): name is EngineName {
  return Object.hasOwn(engines, name);
}

/** The engine of a model whose entry names none, by whether it runs on GPUs. */
export function defaultEngine(
  { task, weightType }: Pick<ModelShape, "task" | "weightType">,
  onGpus: boolean,
): EngineName {
  if (weightType === "gguf") return "llama.cpp";
  if (task === "embed" || task === "classify") return "tei";
  return onGpus ? "vllm" : "llama.cpp";
}

/** Everything that is wrong with a model for an engine, by the keys of its entry. */
export function engineProblems(name: EngineName, of: ServedModel): Problem[] {
  const { problems, own, reading } = engines[name];
  return [
    ...taskProblems(name, of),
    ...gatedProblems(of),
    ...adapterProblems(of),
    ...crowdProblems(name, of),
    ...problems(of),
    ...strayProblems(of.engineArgs, reading),
    ...passedProblems(of.engineArgs, own, reading),
    ...draftProblems(engines[name], of),
    ...roomProblems(engines[name], of.engineArgs),
  ];
}

/** What models do, by what they are for. */
const does: Readonly<Record<ModelTask, string>> = {
  generate: "writes text",
  embed: "makes vectors of texts",
  classify: "classifies or reranks texts",
};

/** A model that is for something that the engine does not do. */
function taskProblems(name: EngineName, { shape: { task = "generate" } }: ServedModel): Problem[] {
  const { tasks }: Engine = engines[name];
  if (tasks.includes(task)) return [];
  const others = Object.entries<Engine>(engines).flatMap(([other, engine]) =>
    engine.tasks.includes(task) ? [other] : [],
  );
  return [
    {
      ...{ path: ["engine"], found: `${name} for a model that ${does[task]}` },
      problem: "does not serve such models",
      allowed: others.join(", "),
      fix:
        task === "generate"
          ? "remove engine, or write task: embed in the model if it makes embeddings, task: classify if it classifies or reranks texts"
          : `write engine: ${others[0]}, or serve it with an image of your own: image and port in place of model`,
    },
  ];
}

/** Adapters of one service: own choice (docs/facts.md 17.20). */
const mostAdapters = 8;

/** Engines keep room for each adapter in the memory of the GPUs, from the start, whether requests ask for it or not. */
function adapterProblems({ adapters = {} }: ServedModel): Problem[] {
  const count = Object.keys(adapters).length;
  if (count <= mostAdapters) return [];
  return [
    {
      path: ["adapters"],
      problem: "more than there is memory for: the engine keeps room for each one on the GPUs",
      found: `${count} adapters`,
      allowed: `at most ${mostAdapters} for one service`,
      fix: "remove some, or spread them over several services with the same model",
    },
  ];
}

/** More sequences at once than an engine takes. */
function crowdProblems(name: EngineName, { concurrency = 1 }: ServedModel): Problem[] {
  const { mostAtOnce = Infinity }: Engine = engines[name];
  if (concurrency <= mostAtOnce) return [];
  return [
    {
      ...{ path: ["concurrency"], found: `${concurrency}` },
      problem: `more sequences at once than ${name} takes in one replica`,
      allowed: `1 to ${mostAtOnce}`,
      fix: `write concurrency: ${mostAtOnce} or less, and more replicas`,
    },
  ];
}

/** The hub gives gated weights to those alone who bring a token. */
function gatedProblems({ shape, weights, token = false }: ServedModel): Problem[] {
  if (shape.gated !== true || weights.kind !== "hub" || token) return [];
  return [
    {
      path: ["token"],
      problem: "missing: the hub gives the weights only to those who accepted its terms",
      found: "nothing",
      allowed: "a config key that holds a token of the hub",
      fix: `accept the terms on the page of ${shape.name}, make a token with the right to read, store it with pulumi config set --secret hubToken, and write token: hubToken`,
    },
  ];
}
