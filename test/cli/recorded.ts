import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readOutput, type StackPreview } from "../../cli/preview-output";

/** What the engine printed for a small stack; without the places in the source, the outputs and what did not matter. */
export const output = (name: string) =>
  readFileSync(join(__dirname, "recorded", `${name}.json`), "utf8");

/** What is understood of a text that the engine printed. */
export const preview = (stdout: string, stderr = "", code = 0): StackPreview =>
  readOutput("prod", { code, stdout, stderr }).preview;

/** The same of what was recorded. */
export const recorded = (name: string): StackPreview => preview(output(name));
