import type { Problem } from "../../problem";
import type { Engine, ServedModel } from "./engine";
import { passedOptions } from "./passed-arguments";

/** A draft for speculative decoding in memory that was not counted for it (docs/facts.md 17.28). */
export function draftProblems(
  { drafts = [], reading }: Pick<Engine, "drafts" | "reading">,
  { contextTokens, fit, engineArgs }: ServedModel,
): Problem[] {
  const onGpus = fit.gpus > 0;
  if (onGpus && contextTokens !== undefined) return [];
  return passedOptions(engineArgs, reading)
    .filter(({ option = "" }) => drafts.includes(option))
    .filter(({ name, value }) => namesModel(name, value))
    .map(({ name, place }) => ({
      ...{ path: ["engineArgs", place], found: `"${name}"` },
      problem: onGpus
        ? "loads a second model, and the context is the largest for which the first one leaves memory"
        : "loads a second model, and the pod has the memory of the first one",
      allowed: onGpus ? "a second model beside contextTokens" : "a second model on GPUs",
      fix: onGpus
        ? "write contextTokens so that the second model has room besides, or remove it"
        : "remove it",
    }));
}

/** Whether the value brings a model: those in JSON may bring a method alone, such as n-grams. */
function namesModel(name: string, value = ""): boolean {
  const [, part] = name.split(".");
  if (part !== undefined) return part === "model";
  return !value.startsWith("{") || /"model"\s*:/.test(value);
}
