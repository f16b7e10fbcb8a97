import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readPreview, type StackPreview } from "../../cli/preview-output";

/** What the engine printed for a small stack; without the places in the source, the outputs and what did not matter. */
export const output = (name: string) =>
  readFileSync(join(__dirname, "recorded", `${name}.json`), "utf8");

/** The same, understood. */
export const recorded = (name: string): StackPreview => readPreview("prod", output(name));
