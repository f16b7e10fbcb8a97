import assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readStackFile } from "../stacks/config";
import { valueAt } from "../stacks/lookup";
import { yamlFile } from "../stacks/yaml-file";
import { suiteFolder } from "./support/folder";

describe("the worked example", () => {
  const folder = suiteFolder();
  const files = ["dev", "digits", "existing", "gke", "eks", "aks"].map(
    (stack) => `Pulumi.${stack}.yaml`,
  );
  for (const file of files) {
    it(`${file} is without faults and serves something`, () => {
      assert.notDeepEqual(readStackFile(join(__dirname, "..", file)).services, {});
    });
  }

  it("serves what is trained every night, too, where Pulumi.digits.yaml names that file", () => {
    const root = join(__dirname, "..");
    const file = join(folder, "Pulumi.digits.yaml");
    const text = readFileSync(join(root, "Pulumi.digits.yaml"), "utf8");
    writeFileSync(
      file,
      text.replace(
        "[teams/digits-local.yaml]",
        "[teams/digits-local.yaml, teams/digits-updates.yaml]",
      ),
    );
    for (const part of ["teams", join("examples", "digits")])
      cpSync(join(root, part), join(folder, part), { recursive: true });
    const { services, warnings } = readStackFile(file, "2026-11-22");
    assert.deepEqual([Object.keys(services), warnings], [["digits", "trained", "collector"], []]);
  });

  it("has its services and jobs in files that Pulumi does not rewrite", () => {
    for (const file of files) {
      const { content } = yamlFile(join(__dirname, "..", file)) as { content: unknown };
      const config = Object.keys(valueAt(content, ["config"]) ?? {});
      assert.deepEqual(
        ["include", "services", "jobs"].filter((key) => config.includes(key)),
        ["include"],
        file,
      );
    }
  });

  it("is without a remark of the preflight rules on every cloud", () => {
    for (const file of files) {
      const { warnings } = readStackFile(join(__dirname, "..", file), "2026-11-22");
      assert.deepEqual(warnings, [], file);
    }
  });

  /** Without what GKE's containers beside those of a pod ask for. */
  const said = (entries: Record<string, object>) =>
    Object.entries(entries).map(([name, entry]) => [name, { ...entry, demand: undefined }]);

  it("runs the same services and jobs of the same teams on every cloud", () => {
    const [gke, eks, aks] = ["gke", "eks", "aks"].map((stack) => {
      const { services, jobs } = readStackFile(join(__dirname, "..", `Pulumi.${stack}.yaml`));
      return { services: said(services), jobs: said(jobs) };
    });
    assert.deepEqual(
      [...(gke?.services ?? []), ...(gke?.jobs ?? [])].map(([name]) => name),
      ["chat", "digits", "inference-api", "inference", "retrain"],
    );
    assert.deepEqual(eks, gke);
    assert.deepEqual(aks, gke);
  });
});
