/**
 * Writes down what every test registers, so that a change that should change nothing can be shown to: run the unit tests before and
 * after with `--require test/support/record-inputs.ts` and INPUTS=FOLDER, and compare the two folders with `diff -r`.
 */
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Context } from "mocha";

const folder = process.env.INPUTS ?? "inputs";
let title = "at the top";
let runs = 0;

/** Keys in one order, whatever order they were written in. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}

Object.assign(globalThis, {
  recordInputs(resources: readonly { type: string; name: string }[]) {
    const all = resources.map((it) => JSON.stringify(sorted(it), undefined, 1)).sort();
    mkdirSync(folder, { recursive: true });
    const name = createHash("sha256").update(`${title} ${runs++}`).digest("hex").slice(0, 16);
    writeFileSync(join(folder, `${name}.json`), [`${title} ${runs}`, ...all].join("\n"));
  },
});

export const mochaHooks = {
  beforeEach(this: Context) {
    title = this.currentTest?.fullTitle() ?? title;
    runs = 0;
  },
};
