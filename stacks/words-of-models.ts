import { isMap } from "./lookup";
import { drop, to, type Other } from "./other-word";
import { isScalar, map, number, variables } from "./values-of-others";

/** A token of the hub, which stands in the file by the name of a secret alone. */
const hubToken: Other = {
  key: "token",
  fix: () =>
    "store it with pulumi config set --secret hubToken, and write token: hubToken beside model",
};
/** How weights are stored, which follows from the model, and is said for one of one's own alone. */
const weights: Other = {
  key: "model",
  fix: () =>
    "remove it, and name the repository of the quantized weights in model, for example model: Qwen/Qwen3-8B-AWQ; of a model that is in no table, write weightType in model",
};
const cacheNumbers: Other = {
  key: "cacheType",
  fix: (value) =>
    String(value).startsWith("fp8") ? "write cacheType: fp8" : "remove it: the model says it",
};
const computeType: Other = {
  key: "model",
  fix: () =>
    "remove it: it follows from the weights and the GPU; of a model that is in no table, write weightType in model",
};
const memoryShare = drop(
  "the engine takes 0.9 of each GPU, and what fits is calculated with that; contextTokens and concurrency say how much it must hold",
);
const remoteCode: Other = {
  key: "engineArgs",
  fix: (value) =>
    value === false
      ? "remove it: engines run no code of the repository unless they are asked to"
      : "write engineArgs: [--trust-remote-code], which vllm and sglang have, and pin revision in model: code of the repository runs",
};
const stages = drop(
  "how GPUs divide the model follows from the fit; gpus says how many a replica has, nodesPerReplica on how many nodes",
);

/** A key of the model, which is then a map. */
const ofModel = (key: string): Other => ({
  key: "model",
  fix: (value, { model }) => {
    const written = `${key}: ${JSON.stringify(value)}`;
    if (isMap(model)) return `move it into model, beside name: ${written}`;
    return isScalar(model)
      ? `write it in model: model: { name: ${model}, ${written} }`
      : `remove it: of a service with a model it is a key of model, beside name`;
  },
});

/** A key of the range of replicas, which is then a map. */
const ofReplicas = (key: string): Other => ({
  key: "replicas",
  fix: (value, { replicas }) => {
    const written = `${key}: ${JSON.stringify(value)}`;
    if (isMap(replicas)) return `move it into replicas, beside min and max: ${written}`;
    return `write it in replicas: replicas: { min: ${isScalar(replicas) ? replicas : 2}, max: 6, ${written} }, with the most that the pool may hold as max`;
  },
});

/** What a range of replicas is called elsewhere; the other end is in the same entry. */
const ends = {
  min: ["minReplicaCount", "minReplicas", "min_replicas"],
  max: ["maxReplicaCount", "maxReplicas", "max_replicas"],
};

/** A range of replicas; with its own numbers where the entry has both ends. */
export const scaled: Other = {
  key: "replicas",
  fix: (_, entry) => {
    const [min, max] = [ends.min, ends.max].map((names) =>
      names.map((name) => entry[name]).find(isScalar),
    );
    const followed = "and scaleOn: { cpu: 70 } or what else they follow";
    return min === undefined || max === undefined
      ? `write replicas: { min: 2, max: 6 } with your numbers, ${followed}`
      : `write replicas: ${map(Object.entries({ min, max }))}, ${followed}`;
  },
};

/** Adapters as a map, or as engines take them: `name=repository`. */
const adapters = to("adapters", (value) =>
  isMap(value) || Array.isArray(value)
    ? variables(value)
    : (variables([value]) ?? "{ NAME: OWNER/REPOSITORY }"),
);

/** Options of engines, and keys of models and replicas that stand beside them, in small letters and digits alone. */
export const wordsOfModels: Readonly<Record<string, Other>> = {
  ...Object.fromEntries(
    ["revision", "config", "shape", "size", "from", "file", "gated", "task", "weightType"].map(
      (key) => [key.toLowerCase(), ofModel(key)],
    ),
  ),
  ...Object.fromEntries(
    ["spare", "scaleUp", "scaleDown"].map((key) => [key.toLowerCase(), ofReplicas(key)]),
  ),
  minreplicas: scaled,
  maxreplicas: scaled,
  minreplicacount: scaled,
  maxreplicacount: scaled,
  context: to("contextTokens", number),
  contextlength: to("contextTokens"),
  contextsize: to("contextTokens", number),
  ctxsize: to("contextTokens"),
  maxmodellen: to("contextTokens"),
  maxnumseqs: to("concurrency"),
  tensorparallelsize: to("gpus", number),
  tensorparallel: to("gpus", number),
  tpsize: to("gpus", number),
  tp: to("gpus", number),
  pipelineparallelsize: stages,
  ppsize: stages,
  pp: stages,
  nodes: to("nodesPerReplica", number),
  nnodes: to("nodesPerReplica", number),
  lora: adapters,
  loramodules: adapters,
  lorapaths: adapters,
  loraadapters: adapters,
  enablelora: drop("adapters switches it on: adapters: { NAME: OWNER/REPOSITORY }"),
  quantization: weights,
  dtype: computeType,
  kvcachedtype: cacheNumbers,
  gpumemoryutilization: memoryShare,
  memfractionstatic: memoryShare,
  trustremotecode: remoteCode,
  servedmodelname: drop("requests name the model by its repository"),
  huggingfacetoken: hubToken,
  hftoken: hubToken,
};
