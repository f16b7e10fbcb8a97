import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fingerprints } from "./fingerprints";

/** A page that reads a table through a reader, and a file of which none of them knows. */
const before = {
  "pages/page.ts": 'import { read } from "../reader";\nexport const page = read();\n',
  "reader.ts": 'import type { Table } from "./tables";\nexport const read = (): Table => 1;\n',
  "tables/index.ts": "export type Table = number;\n",
  "other.ts": "export const other = 1;\n",
  "package-lock.json": "{}",
  "tsconfig.json": "{}",
  "eslint.config.mjs": "export default [];\n",
};

/** Which files' fingerprints differ once these files have these texts. */
function changedBy(texts: Record<string, string>): string[] {
  const folder = mkdtempSync(join(tmpdir(), "fingerprints-"));
  const of = (files: Record<string, string>) => {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    }
    const sources = Object.keys(before).filter((file) => file.endsWith(".ts"));
    return fingerprints(sources, folder);
  };
  const [then, now] = [of(before), of(texts)];
  rmSync(folder, { recursive: true });
  return Object.keys(now).filter((file) => now[file] !== then[file]);
}

const all = ["pages/page.ts", "reader.ts", "tables/index.ts", "other.ts"];

describe("the fingerprint of a source file", () => {
  it("stays the same as long as nothing changes", () =>
    assert.deepEqual(changedBy({ "other.ts": before["other.ts"] }), []));

  it("changes with its own text", () =>
    assert.deepEqual(changedBy({ "other.ts": "export const other = 2;\n" }), ["other.ts"]));

  it("changes with a type that it gets through another file", () =>
    assert.deepEqual(changedBy({ "tables/index.ts": "export type Table = string;\n" }), [
      ...["pages/page.ts", "reader.ts", "tables/index.ts"],
    ]));

  it("changes with a declaration that reaches files which do not import it", () =>
    assert.deepEqual(changedBy({ "other.ts": 'declare module "page" {}\nexport {};\n' }), all));

  for (const settings of ["package-lock.json", "tsconfig.json", "eslint.config.mjs"])
    it(`changes with ${settings}`, () => assert.deepEqual(changedBy({ [settings]: "\n" }), all));
});
