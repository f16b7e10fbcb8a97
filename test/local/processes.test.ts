import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { endProcessesOf, processesOf } from "../../local/processes";
import { suiteFolder } from "../support/folder";

describe("processes that a killed command left", () => {
  const all = suiteFolder();
  let root: string;
  before(function () {
    if (process.platform !== "linux") this.skip();
  });
  beforeEach(() => (root = mkdtempSync(join(all, "left-"))));

  /** Starts a program that lies in a folder; resolves once it runs. */
  async function start(folder: string, ...args: string[]) {
    mkdirSync(folder, { recursive: true });
    const program = join(folder, "bash");
    copyFileSync("/bin/bash", program);
    writeFileSync(join(folder, "waits"), "echo runs; while :; do read -t 60 <> <(:); done");
    const child = spawn(program, [...args, join(folder, "waits")], { detached: true });
    await once(child.stdout, "data");
    return { child, ended: once(child, "exit") };
  }

  it("are ended by the folder that their program lies in, and no others", async () => {
    const ours = await start(join(root, ".local", "bin"));
    // A name that only begins alike, and an argument of that folder.
    const another = await start(join(root, ".local-2"), "--rcfile", join(root, ".local", "x"));
    try {
      await endProcessesOf(join(root, ".local"), 500);

      assert.deepEqual(processesOf(join(root, ".local")), []);
      assert.deepEqual((await ours.ended)[1], "SIGTERM");
      assert.deepEqual(processesOf(join(root, ".local-2")), [another.child.pid]);
    } finally {
      another.child.kill("SIGKILL");
      await another.ended;
    }
  });

  it("are ended by force when they do not end, also where their program was removed", async () => {
    const args = ["--init-file", "/dev/null", "-c", "trap '' TERM; . $0"];
    const deaf = await start(join(root, ".local"), ...args);
    rmSync(join(root, ".local", "bash"));

    await endProcessesOf(join(root, ".local"), 200);

    assert.deepEqual((await deaf.ended)[1], "SIGKILL");
  });
});
