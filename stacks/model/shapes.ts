import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ModelShape, ModelTask } from "../../catalog/model";
import { shapeOfConfig, type ConfigProblem } from "../../catalog/model-config";
import { knownModel, models } from "../../catalog/models";
import { nearest } from "../../components/spelling";
import { bytes } from "../../values/units";
import { entryProblem, type Service } from "../entry";
import { isMap } from "../lookup";
import { shown, type FileProblem } from "../problems";
import type { ServiceEntry } from "../schema";
import type { Words } from "../words";
import { contradictionProblems } from "./contradictions";

type ModelEntry = NonNullable<ServiceEntry["model"]>;

/** The shape of a model, or what keeps it from being known. */
type Found =
  { shape: ModelShape; problems?: undefined } | { problems: FileProblem[]; shape?: undefined };

/** The shape of the model that an entry names or describes; paths start from `folder`. */
export function shapeOf(entry: Service, model: ModelEntry, folder: string): Found {
  const known = knownModel(model.name);
  const contradictions = contradictionProblems(entry, model);
  if (contradictions.length > 0) return { problems: contradictions };
  const described = describedShape(entry, model, folder);
  if (described?.problems) return described;
  const base = described?.shape ?? known;
  if (!base) return { problems: [unknownProblem(entry, model.name)] };
  const { gated = known?.gated, file = known?.file, size } = model;
  const weightsGiB = size === undefined ? known?.weightsGiB : bytes(size) / 1024 ** 3;
  if (weightsGiB === undefined) {
    const words = {
      problem: "missing: nobody else knows how large the weights of this model are",
      allowed: "the size of the files that are loaded, such as 16Gi",
      fix: "add up the weights on the model's page of the hub, and write size: in the model",
    };
    return { problems: [problemOf(entry, ["size"], words, "nothing")] };
  }
  const { weightType = base.weightType, task = base.task } = model;
  return {
    shape: {
      ...{ ...base, name: known?.name ?? model.name, weightsGiB, weightType },
      ...(task !== undefined && { task }),
      ...(gated !== undefined && { gated }),
      ...(file !== undefined && { file, weightType: "gguf" }),
    },
  };
}

/** A shape but for the model's name and the size of its weights. */
type Described = { shape: Omit<ModelShape, "name" | "weightsGiB">; problems?: undefined };

/** The shape that the entry itself says, by numbers or by the model's own file; undefined where it says neither. */
function describedShape(
  entry: Service,
  model: ModelEntry,
  folder: string,
): Described | { problems: FileProblem[] } | undefined {
  const { shape: said, config, weightType = "bf16" } = model;
  if (config !== undefined) return configShape(entry, config, folder, model.task);
  if (said === undefined) return undefined;
  const { layers, heads, maxContext, ...attention } = said;
  const { fullLayers = layers - (attention.slidingLayers ?? 0) } = attention;
  return {
    shape: { layers, heads, maxContext, weightType, attention: { ...attention, fullLayers } },
  };
}

function configShape(entry: Service, file: string, folder: string, task?: ModelTask) {
  const path = join(folder, file);
  const refused = (words: Words) => ({
    problems: [problemOf(entry, ["config"], words, shown(file))],
  });
  const allowed = "the config.json of a model, in the project's folder";
  if (!existsSync(path)) {
    return refused({
      problem: "no such file",
      allowed,
      fix: `download it from the model's page into ${file}, or correct the path`,
    });
  }
  const content = jsonOf(readFileSync(path, "utf8"));
  if (!isMap(content)) {
    return refused({ problem: "not a map in JSON", allowed, fix: "download the file again" });
  }
  const { shape, problems } = shapeOfConfig(content, task);
  if (shape) return { shape };
  const unserved = problems.find(({ problem }) => problem === "no-task");
  if (unserved) {
    return refused({
      problem: `the architecture ${JSON.stringify(unserved.found)} neither writes text nor makes one vector or label of a text, as far as is known here`,
      allowed: "models that write text, make vectors of texts, or classify or rerank them",
      fix: "write task: embed or task: classify in the model if it does that, or serve it with an image of your own: image and port in place of model",
    });
  }
  return refused({
    problem: `does not say what the fit is calculated from: ${problems.map(keyText).join("; ")}`,
    allowed,
    fix: "download the file again, or write the numbers as shape: in the model",
  });
}

/** What is wrong with a value of a `config.json`. */
const reasons = {
  "not-a-number": "is no number",
  "not-whole": "is no whole number",
  "wrong-length": "does not have an entry for each layer",
  "unknown-value": "is unknown",
  "no-task": "is of no model that is served",
} as const;

function keyText({ key, problem, found }: ConfigProblem): string {
  if (problem === "missing") return `${key} is missing`;
  return `${key} ${reasons[problem]} (${JSON.stringify(found)})`;
}

function jsonOf(text: string): unknown {
  try {
    const content: unknown = JSON.parse(text);
    return content;
  } catch {
    return undefined;
  }
}

function unknownProblem(entry: Service, name: string): FileProblem {
  const meant = nearest(
    name,
    models.map((known) => known.name),
  );
  const describe = /gguf/i.test(name)
    ? "describe it: model: { name, file, size, shape } with the numbers of the model that it was made from (docs/models.md, A GGUF model on this machine)"
    : "describe it: model: { name, size, config } with the config.json of its page kept in the project's folder";
  return problemOf(
    entry,
    [],
    {
      problem: "in no table of models, so nobody knows where it fits",
      allowed: "a model of docs/known-models.md, or one with config and size",
      fix: meant ? `write ${meant} if that is meant, or ${describe}` : describe,
    },
    shown(name),
  );
}

function problemOf(entry: Service, at: readonly string[], words: Words, found: string) {
  return { ...entryProblem(entry, ["model", ...at], words), found };
}
