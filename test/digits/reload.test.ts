import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../process/run";
import { example, pythonEnvironment, trained, type Trained } from "./python";
import { seven } from "../../local/sample-digit";
import { patience, Server } from "./server";

describe("the digits server, told that there is a new model", function () {
  this.slow(5_000);
  let ready: Trained;
  let folder: string;
  let model: string;
  let server: Server;

  before(async function () {
    this.timeout(300_000);
    const result = await trained();
    if (typeof result === "string") return this.skip();
    ready = result;
    folder = mkdtempSync(join(tmpdir(), "digits-"));
    const args = [join(example, "train.py"), "--seed", "7", "--out", join(folder, "new")];
    await run(ready.python, args, { env: pythonEnvironment() });
  });
  after(() => folder && rmSync(folder, { recursive: true }));
  beforeEach(async () => {
    model = join(folder, "model.npz");
    copyFileSync(ready.model, model);
    server = await Server.start({ ...ready, model });
    await server.health(200);
  });
  afterEach(async () => server?.destroy());

  const version = async () => {
    const { status, body } = await server.predict(seven);
    assert.equal(status, 200, body);
    return (JSON.parse(body) as { model: string }).model;
  };
  const publish = () => {
    copyFileSync(join(folder, "new", "model.npz"), `${model}.half`);
    renameSync(`${model}.half`, model);
    server.hangUp();
  };
  /** Asks until another model answers. */
  const another = async (than: string) => {
    const deadline = Date.now() + patience;
    for (;;) {
      const now = await version();
      if (now !== than) return now;
      assert.ok(Date.now() < deadline, `${than} still answers`);
    }
  };

  it("answers with it, and loses no request on the way", async () => {
    const before = await version();
    const clients = Array.from({ length: 8 }, () => another(before));
    publish();
    const [after = "", ...others] = await Promise.all(clients);
    assert.deepEqual(new Set(others), new Set([after]));
    assert.match(after, /^[0-9a-f]{12}$/);
  });

  it("goes on with the one it has when the new one is damaged, says why, and takes the next one", async () => {
    const before = await version();
    writeFileSync(model, "weights");
    server.hangUp();
    const deadline = Date.now() + patience;
    while (!server.said().includes("new model refused")) {
      assert.ok(Date.now() < deadline, server.said());
      assert.equal(await version(), before);
    }
    const [line = ""] = /.*new model refused.*/.exec(server.said()) ?? [];
    const { level, cause, model: kept } = JSON.parse(line) as Record<string, string>;
    assert.deepEqual([level, kept], ["error", before]);
    assert.match(cause ?? "", /model\.npz is not a model that train\.py wrote/);
    publish();
    await another(before);
  });
});
