import assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readStackFile } from "../stacks/config";
import { suiteFolder } from "./support/folder";

/** Where the model of teams/model.yaml runs on a worked example that includes this file alone. */
const placed: [stack: string, pool: string][] = [
  ["existing", "small"],
  ["gke", "small"],
  ["eks", "small"],
  ["aks", "small"],
];

describe("teams/model.yaml", () => {
  const folder = suiteFolder();
  const root = join(__dirname, "..");

  for (const [stack, pool] of placed) {
    it(`serves a model by its name where Pulumi.${stack}.yaml includes it, on pool ${pool}`, () => {
      const text = readFileSync(join(root, `Pulumi.${stack}.yaml`), "utf8")
        .replace(/^ {2}include: .*$/m, "")
        .replace(/^ {2}# (include: .*)$/m, "  $1");
      assert.match(text, /^ {2}include: \[teams\/model.yaml\]$/m);
      writeFileSync(join(folder, `Pulumi.${stack}.yaml`), text);
      cpSync(join(root, "teams"), join(folder, "teams"), { recursive: true });

      const { services, warnings } = readStackFile(
        join(folder, `Pulumi.${stack}.yaml`),
        "2026-11-22",
      );

      const { assistant } = services;
      assert.deepEqual(Object.keys(services), ["assistant"]);
      assert.deepEqual([assistant?.pool, assistant?.gpus, assistant?.count], [pool, 1, 2]);
      assert.deepEqual(warnings, []);
    });
  }
});
