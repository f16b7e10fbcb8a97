import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StackPreview } from "../../cli/preview-output";
import { previewsIn } from "../../cli/previews";

describe("previews in a folder", () => {
  const preview = (stack: string): StackPreview => ({
    stack,
    changes: [
      {
        ...{ operation: "update", kind: "Deployment", name: "chat" },
        fields: [{ path: "spec.replicas", before: "1", after: "2", forcesReplacement: false }],
      },
    ],
    ...{ errors: [], warnings: ["slow"], skipped: "no login" },
  });

  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "previews-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("are read as they were written, by the names of their stacks, and nothing else is", () => {
    for (const stack of ["prod", "dev"]) {
      writeFileSync(join(folder, `${stack}.json`), JSON.stringify(preview(stack)));
    }
    writeFileSync(join(folder, "notes.txt"), "not a preview");
    assert.deepEqual(previewsIn(folder), [preview("dev"), preview("prod")]);
  });

  it("are refused where a file is no preview", () => {
    writeFileSync(join(folder, "prod.json"), JSON.stringify({ stack: "prod" }));
    assert.throws(() => previewsIn(folder), /changes/);
  });
});
