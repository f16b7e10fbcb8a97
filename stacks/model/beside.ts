import { entryProblem, type Service } from "../entry";
import type { FileProblem } from "../problems";
import { modelKeys } from "./schema";

/** Keys that a model decides, and what to do about them. */
const decided: Readonly<Record<string, string>> = {
  command: "remove it: the engine's image has its own",
  args: "remove it; what the entry has no key for goes into engineArgs",
  port: "remove it: the Service offers the engine's port as port 80",
  health: "remove it: a new replica counts when it has answered a real request",
  metrics: "remove it: the engine's own are read",
  modelUpdates:
    "remove it: an engine loads its model when it starts, and a new one is rolled out by its name",
};

/** Keys of an entry that its model decides, or that only one with a model has. */
export function besideModelProblems(entry: Service): FileProblem[] {
  const { said, fields } = entry;
  if (fields.model !== undefined) {
    return Object.entries(decided).flatMap(([key, fix]) =>
      said.has(key)
        ? entryProblem(entry, [key], {
            problem: "follows from the model",
            allowed: "nothing beside model",
            fix,
          })
        : [],
    );
  }
  return Object.keys(modelKeys).flatMap((key) =>
    key !== "model" && said.has(key)
      ? entryProblem(entry, [key], {
          problem: "without effect without a model",
          allowed: "a key of services with model",
          fix: "add model in place of image, or remove it",
        })
      : [],
  );
}
