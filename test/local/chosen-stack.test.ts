import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { chosenStack, entryFiles } from "../../local/chosen-stack";
import { Fault } from "../../process/fault";
import { suiteFolder } from "../support/folder";

describe("the stack of npm start", () => {
  const folder = suiteFolder();
  const cluster = "{ kind: existing, kubeconfig: .local/kubeconfig }";
  before(() => {
    const files = {
      dev: `config: { cluster: ${cluster} }`,
      mine: `config: { "gpu-serving:cluster": ${cluster} }`,
      half: "config: { cluster: { kubeconfig: .local/kubeconfig",
      prod: "config: { cluster: { kind: existing, context: prod } }",
    };
    for (const [name, text] of Object.entries(files))
      writeFileSync(join(folder, `Pulumi.${name}.yaml`), text);
  });
  const refusal = (...words: string[]) => {
    try {
      return chosenStack(words, folder);
    } catch (thrown) {
      assert.ok(thrown instanceof Fault);
      return thrown.message;
    }
  };

  it("is dev, or the one that is named", () => {
    assert.equal(chosenStack([], folder), "dev");
    assert.equal(chosenStack(["mine"], folder), "mine");
  });

  it("may have a faulty file, whose problems are said later", () => {
    assert.equal(chosenStack(["half"], folder), "half");
  });

  it("is refused without a file, on another cluster, and beside another one", () => {
    assert.equal(
      refusal("digit"),
      "There is no stack digit, because there is no Pulumi.digit.yaml: npm start serves dev, half, mine.",
    );
    assert.equal(
      refusal("prod"),
      "The stack prod is not on the local cluster, because Pulumi.prod.yaml has no `kubeconfig: .local/kubeconfig` below `cluster`: for that one, run `npm run apply -- prod`. npm start serves dev, half, mine.",
    );
    assert.equal(
      refusal("dev", "mine"),
      "One stack at a time, got dev mine: write `npm start -- dev`; npm start serves dev, half, mine.",
    );
  });

  it("has its services in the files that it includes, else in its own", () => {
    const checkout = resolve(__dirname, "../..");
    assert.deepEqual(entryFiles("digits", checkout), ["teams/digits-local.yaml"]);
    assert.deepEqual(entryFiles("mine", folder), ["Pulumi.mine.yaml"]);
  });

  it("is dev or digits in this checkout", () => {
    const checkout = resolve(__dirname, "../..");
    assert.equal(chosenStack(["digits"], checkout), "digits");
    assert.throws(() => chosenStack(["gke"], checkout), /npm start serves dev, digits\.$/);
  });
});
