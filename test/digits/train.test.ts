import assert from "node:assert/strict";
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { run, type RunResult } from "../../process/run";
import { suiteFolder } from "../support/folder";
import { example, onceTrained, pythonEnvironment, type Trained } from "./python";

/** The version that a model's file names; numpy keeps text with four bytes a letter. */
function versionIn(file: string): string | undefined {
  const text = readFileSync(file, "latin1").replaceAll("\0", "");
  return /"version": "([0-9a-f]{12})"/.exec(text)?.[1];
}

describe("training the digits model", function () {
  this.slow(10_000);
  const all = suiteFolder();
  let ready: Trained;
  let folder: string;
  let model: string;
  before(onceTrained((made) => void (ready = made)));
  beforeEach(() => {
    folder = mkdtempSync(join(all, "models-"));
    model = join(folder, "model.npz");
    writeFileSync(model, "the model that is there");
  });
  const train = (...args: string[]): Promise<RunResult> =>
    run(ready.python, [join(example, "train.py"), ...args], {
      ...{ mayFail: true, env: pythonEnvironment() },
    });

  it("gives the same weights again with checksums that fit, beside a reader that keeps the old ones", async () => {
    const reader = openSync(model, "r");
    try {
      const { code, stdout } = await train("--out", folder);
      assert.equal(code, 0);
      const [, accuracy, version = "none"] =
        /^accuracy (0\.\d{4}) on 450 held-out images\nwrote version ([0-9a-f]{12}) to \S+\/model\.npz\n$/.exec(
          stdout,
        ) ?? [];
      assert.ok(Number(accuracy) > 0.97, stdout);
      assert.deepEqual([versionIn(ready.model), versionIn(model)], [version, version]);
      assert.deepEqual(readdirSync(folder), ["SHA256SUMS", "model.npz"]);
      assert.equal(readFileSync(reader, "utf8"), "the model that is there");
      const sums = await run("sha256sum", ["--check", "SHA256SUMS"], { cwd: folder });
      assert.equal(sums.stdout, "model.npz: OK\n");
    } finally {
      closeSync(reader);
    }
  });

  it("gives other weights from another seed", async () => {
    const version = async (seed: string) =>
      / version (\w+) /.exec((await train("--out", folder, "--seed", seed)).stdout)?.[1];
    const versions = [versionIn(ready.model), await version("7"), await version("random")];
    assert.equal(new Set(versions).size, 3, String(versions));
  });

  it("keeps the model that is there when the new one is not good enough", async () => {
    const { code, stderr } = await train("--out", folder, "--min-accuracy", "0.999");
    assert.equal(code, 1);
    assert.match(stderr, /^accuracy 0\.\d{4} is below 0\.999; nothing was written\n$/);
    assert.equal(readFileSync(model, "utf8"), "the model that is there");
  });

  it("says so when the folder cannot be written", async () => {
    const { code, stderr } = await train("--out", join(model, "models"));
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^cannot write into \S+\/models: Not a directory; name a folder that can be written with --out\n$/,
    );
  });
});
