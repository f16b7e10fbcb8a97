import { entryProblem, type Service } from "../entry";
import { shown, type FileProblem } from "../problems";
import type { ServiceEntry } from "../schema";
import type { Words } from "../words";

type ModelEntry = NonNullable<ServiceEntry["model"]>;
type Shape = NonNullable<ModelEntry["shape"]>;

/** What an entry says of its model that cannot all be true. */
export function contradictionProblems(entry: Service, model: ModelEntry): FileProblem[] {
  const { shape, config, from, file } = model;
  const refused = (at: readonly string[], found: unknown, words: Words): FileProblem => ({
    ...entryProblem(entry, ["model", ...at], words),
    found: shown(found),
  });
  const problems = shape ? numberProblems(shape) : [];
  return [
    ...problems.map(({ key, ...words }) => refused(["shape", key], shape?.[key], words)),
    ...(shape && config !== undefined
      ? [
          refused(["shape"], shape, {
            problem: "says the same as config, which is taken",
            allowed: "config, or the numbers of a model that has no config.json",
            fix: "remove shape, or config",
          }),
        ]
      : []),
    ...(file !== undefined && from?.endsWith(".gguf") === true
      ? [
          refused(["file"], file, {
            problem: "from names the file that is loaded already",
            allowed: "the file in from, or the folder in from and the file here",
            fix: "remove it, or end from with the folder",
          }),
        ]
      : []),
  ];
}

/** Numbers of a shape that do not go together. */
function numberProblems(shape: Shape): (Words & { key: keyof Shape })[] {
  const { layers, heads, kvHeads, slidingLayers = 0, fullLayers, window, latent } = shape;
  const problems: (Words & { key: keyof Shape })[] = [];
  const counted = slidingLayers + (fullLayers ?? 0);
  if (counted > layers) {
    problems.push({
      key: slidingLayers > layers || fullLayers === undefined ? "slidingLayers" : "fullLayers",
      problem: `more layers than the model has: ${layers}`,
      allowed: "fullLayers and slidingLayers that are together at most layers",
      fix: "copy layers from num_hidden_layers of the model's config.json, and count the others in its layer_types",
    });
  }
  if (latent === undefined && heads % kvHeads !== 0) {
    problems.push({
      key: "kvHeads",
      problem: `does not divide the attention heads: ${heads}`,
      allowed: "a number that divides heads",
      fix: "copy num_key_value_heads and num_attention_heads from the model's config.json",
    });
  }
  if (slidingLayers > 0 && window === undefined) {
    problems.push({
      key: "slidingLayers",
      problem: "nothing says how many tokens these layers see",
      allowed: "slidingLayers beside window",
      fix: "add window, sliding_window in the model's config.json",
    });
  }
  if (slidingLayers === 0 && window !== undefined) {
    problems.push({
      key: "window",
      problem: "without effect without slidingLayers",
      allowed: "window beside slidingLayers",
      fix: "add slidingLayers, or remove it",
    });
  }
  return problems;
}
