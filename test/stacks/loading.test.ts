import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";

const root = join(__dirname, "..", "..");

/** Packages of clouds that a program of its own loads for a stack file. */
function loaded(file: string): unknown {
  const script = join(root, "test/support/loaded-sdks.ts");
  const printed = execFileSync("node", ["--import=tsx", script, join(root, file)], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return JSON.parse(printed.trim().split("\n").at(-1) ?? "");
}

describe("the program", function () {
  this.slow(60_000);

  for (const [file, packages] of [
    ["test/fixtures/Pulumi.seed.yaml", []],
    ["Pulumi.gke.yaml", ["@pulumi/gcp"]],
    ["Pulumi.eks.yaml", ["@pulumi/aws"]],
    ["Pulumi.aks.yaml", ["@pulumi/azure-native"]],
  ] as const) {
    it(`loads ${packages.join() || "no cloud's SDK"} for ${file}`, () => {
      assert.deepEqual(loaded(file), packages);
    });
  }

  it("reads the catalog and its rules without Pulumi", () => {
    const script = `
      for (const name of ["catalog/machines", "catalog/sharing", "catalog/gpus", "components/clouds/rules/rules"])
        require("./" + name);
      console.log(Object.keys(require.cache).filter((path) => path.includes("@pulumi")).length);`;
    const printed = execFileSync("node", ["--require=tsx/cjs", "-e", script], {
      cwd: root,
      encoding: "utf8",
    });
    assert.equal(printed.trim(), "0");
  });
});
