import { basename, dirname } from "node:path";
import { z } from "zod";
import { isMountPath } from "../../catalog/mount-path";
import { count, memoryQuantity } from "../../values/amounts";
import { modelName } from "../../values/model";
import { name, secretKey } from "../../values/names";
import { volumeFolder } from "../../values/mount";
import { forText, ruleOf, rules, type Rule } from "../../values/rule";
import { listOf, oneOf, text, textOf } from "../../values/text";
import { engineNames } from "../../components/serving/engines/engines";
import { modelBounds } from "../../components/serving/model-problems";
import { mostNodes } from "../../components/serving/multi-node/group";
import { isMap } from "../lookup";

/** Most tokens of one sequence that anything is calculated for. */
const [, mostTokens] = modelBounds.contextTokens;

const positive = (most: number, words: string) => count(1, most).describe(words);

/** The numbers of a model that no table has, as its `config.json` has them. */
const shape = z
  .strictObject({
    layers: positive(1000, "Transformer layers."),
    heads: positive(1024, "Attention heads."),
    kvHeads: positive(1024, "Heads of keys and values."),
    headDim: positive(4096, "Width of one head."),
    maxContext: positive(mostTokens, "The most tokens of a sequence."),
    fullLayers: positive(
      1000,
      "Layers whose cache grows with every token; default: all.",
    ).optional(),
    slidingLayers: count(0, 1000)
      .optional()
      .describe("Layers that see the last `window` tokens alone; default: 0."),
    window: positive(mostTokens, "Tokens that those layers see.").optional(),
    latent: positive(
      65536,
      "Values of one token in one layer with latent attention: `kv_lora_rank` and `qk_rope_head_dim` together.",
    ).optional(),
  })
  .describe("Numbers of the model, for one that is in no table and has no `config`.");

const weightTypes = [
  ...["fp32", "bf16", "fp16", "fp8", "int8", "int4", "awq-int4", "gptq-int4"],
  ...["mxfp4", "gguf"],
] as const;

const path = textOf(/^(?!\/|~|[A-Za-z]:|\w+:\/\/)\S+\.json$/, {
  allowed: "the path of a JSON file, from the project's folder",
  example: "models/mine/config.json",
  explain: {
    problem: "not a file of the project's folder",
    fix: "download the model's config.json into the project's folder, and write its path from there",
  },
});

/** A path below what the system keeps for itself, or with `..`, holds no weights. */
const source = z
  .string()
  .refine((text) =>
    text.startsWith("/") ? isMountPath(text) : volumeFolder.safeParse(text).success,
  )
  .register(rules, {
    allowed:
      "a volume or a folder of one (models/qwen3), or an absolute path in the image or in a mount, without . and .. and outside of what the system keeps for itself",
    example: "models/qwen3",
    explain: forText({
      problem: "neither a volume nor a path that can hold weights",
      fix: "write a volume of the stack file, for example models/qwen3, or remove it to load from the hub",
    }),
  });

const revision = textOf(/^(?!.*\.\.)[A-Za-z0-9][\w./-]*$/, {
  allowed: "a commit, a tag or a branch of the repository",
  example: "0e9e39f249a16976918f6564b8830bc894c89659",
  explain: {
    problem: "not the name of a revision",
    fix: "copy the commit from the history of the model's page, or remove it",
  },
});

const file = textOf(/^(?:\w[\w.-]*\/)*\w[\w.-]*\.gguf$/, {
  allowed: "the name of a file that ends with .gguf, in a folder or not",
  example: "model.Q4_K_M.gguf",
  explain: {
    problem: "not a file of the repository in the format GGUF",
    fix: "write the file of the repository that llama.cpp loads, for example model.Q4_K_M.gguf",
  },
});

const task = oneOf("embed", "classify");
task.register(rules, {
  ...ruleOf(task),
  explain: forText((found) =>
    /rerank|scor|cross-?encoder/i.test(found)
      ? { problem: "unknown word", fix: "write classify, which is the task of rerankers too" }
      : undefined,
  ),
});

const described = z
  .strictObject({
    name: modelName.describe("Repository of the weights on the Hugging Face hub."),
    revision: revision
      .optional()
      .describe("Commit or tag of the repository; default: the newest, which may change."),
    file: file
      .optional()
      .describe("File of the repository that is loaded, for weights in the format GGUF."),
    from: source
      .optional()
      .describe(
        "Where the weights come from: a volume or a folder of one, or a path in the image; default: the hub.",
      ),
    config: path
      .optional()
      .describe(
        "The model's own `config.json`, kept in the project's folder, for a model that is in no table.",
      ),
    shape: shape.optional(),
    size: memoryQuantity
      .optional()
      .describe("Size of the files that are loaded, for a model that is in no table."),
    weightType: oneOf(...weightTypes)
      .optional()
      .describe("How the weights are stored; default: as the table or `config` says, else bf16."),
    task: task
      .optional()
      .describe(
        "`embed`: the model makes vectors of texts; `classify`: it gives texts labels, or scores as rerankers do; default: as the table says, or `architectures` of `config`, else it writes text.",
      ),
    gated: z
      .boolean()
      .optional()
      .describe("Whether the hub asks for a token; default: as the table says."),
  })
  .describe("as a map");

/** The file that `from` ends with is the one that is loaded, and its folder what is mounted. */
function withFile(model: z.output<typeof described>): z.output<typeof described> {
  const { from, file } = model;
  if (from?.endsWith(".gguf") !== true || file !== undefined) return model;
  const folder = dirname(from);
  return folder === "/" ? model : { ...model, from: folder, file: basename(from) };
}

const modelRule: Rule = {
  allowed: "owner/repository of the Hugging Face hub, or a map with at least the key name",
  example: "Qwen/Qwen3-8B-AWQ",
  explain: (found) => (isMap(found) ? undefined : rules.get(modelName)?.explain?.(found)),
};

const model = z
  .union([modelName, described])
  .register(rules, modelRule)
  .transform((found): z.output<typeof described> =>
    typeof found === "string" ? { name: found } : withFile(found),
  )
  .register(rules, modelRule);

/** What a service says of the model that it serves, in place of an image. */
export const modelKeys = {
  model: model
    .optional()
    .describe(
      "Model that is served, in place of `image`: engine, image, GPUs, pool, arguments, times and health follow from it.",
    ),
  engine: oneOf(...engineNames)
    .optional()
    .describe(
      "Server that runs the model; default: tei for models that make embeddings, classify or rerank, llama.cpp for weights in the format GGUF and without GPUs, else vllm.",
    ),
  contextTokens: count(...modelBounds.contextTokens)
    .optional()
    .describe(
      "The most tokens of one sequence, prompt and answer together; default: what fits, at most what the model can.",
    ),
  concurrency: count(...modelBounds.concurrency)
    .optional()
    .describe(
      "Sequences of `contextTokens` that one replica holds at once, at least; default: 1. Shorter ones are more at once.",
    ),
  nodesPerReplica: count(1, mostNodes)
    .optional()
    .describe(
      "The most nodes that one replica is spread over, for a model that no node holds; more than one needs `leaderWorkerSet` in the stack file. Default: 1.",
    ),
  cacheType: oneOf("auto", "fp8")
    .optional()
    .describe(
      "Numbers of the KV cache: `fp8` holds twice the tokens on GPUs that have it; default: `auto`, those of the model.",
    ),
  adapters: z
    .record(name("adapter"), text)
    .register(rules, {
      allowed: "a map of names to repositories of the hub or paths",
      example: "{ support: acme/qwen3-support-lora }",
    })
    .optional()
    .describe("LoRA adapters by the name that requests ask for them by; default: none."),
  cache: volumeFolder
    .optional()
    .describe(
      "Volume, or folder of one, that keeps weights from the hub and what the engine compiles between starts; default: each pod downloads them.",
    ),
  token: secretKey
    .optional()
    .describe("Config key of the secret that holds a token of the hub; needed for gated models."),
  apiKey: secretKey
    .optional()
    .describe("Config key of the secret that requests must bring as `Authorization: Bearer`."),
  engineArgs: listOf(z.string(), "arguments", '["--enable-prefix-caching"]')
    .optional()
    .describe("More arguments of the engine, as its command line has them."),
};
