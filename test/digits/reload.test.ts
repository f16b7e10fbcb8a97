import assert from "node:assert/strict";
import { copyFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../process/run";
import { suiteFolder } from "../support/folder";
import { example, onceTrained, pythonEnvironment, type Trained } from "./python";
import { json, patience, Server } from "./server";

describe("the digits server, told that there is a new model", function () {
  this.slow(5_000);
  let ready: Trained;
  const folder = suiteFolder();
  const model = join(folder, "model.npz");
  let server: Server;

  before(
    onceTrained(async (made) => {
      ready = made;
      const args = [join(example, "train.py"), "--seed", "7", "--out", join(folder, "new")];
      await run(ready.python, args, { env: pythonEnvironment() });
    }),
  );
  beforeEach(async () => {
    copyFileSync(ready.model, model);
    server = await Server.healthy({ ...ready, model });
  });
  afterEach(async () => server?.destroy());

  const version = async () => {
    const answer = await server.predict();
    assert.equal(answer.status, 200, answer.body);
    return String(json(answer).model);
  };
  const publish = () => {
    copyFileSync(join(folder, "new", "model.npz"), `${model}.half`);
    renameSync(`${model}.half`, model);
    server.kill("SIGHUP");
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
    server.kill("SIGHUP");
    const deadline = Date.now() + patience;
    while (!server.said().includes("new model refused")) {
      assert.ok(Date.now() < deadline, server.said());
      assert.equal(await version(), before);
    }
    const [body = ""] = /.*new model refused.*/.exec(server.said()) ?? [];
    const { level, cause, model: kept } = json({ body });
    assert.deepEqual([level, kept], ["error", before]);
    assert.match(String(cause), /model\.npz is not a model that train\.py wrote/);
    publish();
    await another(before);
  });
});
