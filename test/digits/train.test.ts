import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../local/run";
import { example, pythonEnvironment, trained, type Trained } from "./python";

describe("training the digits model", function () {
  this.timeout(60_000);
  this.slow(10_000);
  let ready: Trained;
  let folder: string;

  before(async function () {
    this.timeout(300_000);
    const result = await trained();
    if (typeof result === "string") return this.skip();
    ready = result;
    folder = mkdtempSync(join(tmpdir(), "digits-"));
  });
  after(() => {
    if (folder) rmSync(folder, { recursive: true });
  });
  const train = (...args: string[]) =>
    run(ready.python, [join(example, "train.py"), ...args], {
      mayFail: true,
      env: pythonEnvironment(),
    });

  it("gives the same weights again, and says how many held-out images they recognise", async () => {
    const out = join(folder, "new");
    const { code, stdout } = await train("--out", out);
    assert.equal(code, 0);
    const [, accuracy, version] =
      /^accuracy (0\.\d{4}) on 450 held-out images\nwrote version ([0-9a-f]{12}) to \S+\/model\.npz\n$/.exec(
        stdout,
      ) ?? [];
    assert.ok(Number(accuracy) > 0.97, stdout);
    // numpy keeps text with four bytes a letter.
    const text = readFileSync(ready.model).toString("latin1").replaceAll("\0", "");
    assert.ok(version && text.includes(`"version": "${version}"`), stdout);
    assert.deepEqual(readdirSync(out), ["model.npz"]);
  });

  it("keeps the model that is there when the new one is not good enough", async () => {
    const kept = join(folder, "model.npz");
    writeFileSync(kept, "the model that is there");
    const { code, stderr } = await train("--out", folder, "--min-accuracy", "0.999");
    assert.equal(code, 1);
    assert.match(stderr, /^accuracy 0\.\d{4} is below 0\.999; nothing was written\n$/);
    assert.equal(readFileSync(kept, "utf8"), "the model that is there");
  });

  it("says so when the folder cannot be written", async () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    const { code, stderr } = await train("--out", join(file, "models"));
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^cannot write into \S+\/file\/models: Not a directory; name a folder that can be written with --out\n$/,
    );
  });
});
