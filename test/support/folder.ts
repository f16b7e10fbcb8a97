import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder for the suite that asks for it, which is removed after its tests. */
export function suiteFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "gpu-serving-test-")));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
