import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { checkMachine } from "../../local/embedded";
import { Fault, sentenceFor } from "../../process/fault";
import { alone, inTurn } from "../../local/folder";
import { readIfThere } from "../../process/files";
import { duration } from "../../process/progress";
import { run } from "../../process/run";

describe("a fault of the machine", () => {
  it("is its sentence alone, without a stack trace", () => {
    assert.equal(sentenceFor(new Fault("Port 1 is in use.")), "Port 1 is in use.");
  });

  it("says what to do about a full disk, whether node or a command met it", async () => {
    const full = Object.assign(new Error("ENOSPC: no space left"), {
      code: "ENOSPC",
      path: "/x/y",
    });
    assert.equal(
      sentenceFor(full),
      "The disk is full at /x/y: free some space (the first start needs about 10 GB) and run the command again.",
    );
    const command = "echo 'write /x: no space left on device' >&2; exit 1";
    await assert.rejects(run("sh", ["-c", command]), (thrown: Error) =>
      /^The disk is full: sh .* Free some space/.test(thrown.message),
    );
  });

  it("shows the stack of a bug", () => {
    assert.match(sentenceFor(new TypeError("x is undefined")), /TypeError: x is undefined\n +at /);
  });

  it("names Docker or root where neither is there", () => {
    assert.throws(() => checkMachine("linux", 1000), {
      message:
        "No Docker daemon answers, and a Kubernetes without one needs root: start Docker (and check that `docker info` works for you), or run the command again with sudo.",
    });
    assert.throws(() => checkMachine("darwin", 501), /start Docker \(for example Docker Desktop\)/);
    assert.doesNotThrow(() => checkMachine("linux", 0));
  });
});

describe("run", () => {
  it("fails with the last lines the command said", async () => {
    await assert.rejects(run("sh", ["-c", "echo why >&2; exit 3"]), {
      message: "sh -c echo why >&2; exit 3 failed with exit code 3:\n  why",
    });
  });

  it("answers 127 for a command that does not exist", async () => {
    const { code, stderr } = await run("no-such-command-here", [], { mayFail: true });
    assert.deepEqual([code, stderr], [127, "no-such-command-here: command not found"]);
  });

  it("answers 127 where the path of a command leads through a file", async () => {
    const { code, stderr } = await run(join(__filename, "login"), [], { mayFail: true });
    assert.deepEqual([code, stderr], [127, `${join(__filename, "login")}: command not found`]);
  });

  it("names a command that cannot be started, in a sentence, and the folder that is not there", async () => {
    const tooLong = "x".repeat(4_000_000);
    await assert.rejects(run("true", [tooLong], { mayFail: true }), (thrown) => {
      assert.ok(thrown instanceof Fault);
      assert.equal(thrown.message, "true cannot be started: spawn E2BIG.");
      return true;
    });
    await assert.rejects(run("true", [], { cwd: "/no/such/folder", mayFail: true }), {
      name: "Fault",
      message: "true cannot be started in /no/such/folder: no such folder.",
    });
  });

  it("hands lines over as they come and input to the command", async () => {
    const lines: string[] = [];
    const { stdout } = await run("cat", [], {
      input: "a\nb\n",
      onLine: (line) => lines.push(line),
    });
    assert.deepEqual([stdout, lines], ["a\nb\n", ["a", "b"]]);
  });
});

describe("a file that is read if it is there", () => {
  it("is not there where it is of a process that has just ended", async function () {
    if (process.platform !== "linux") this.skip();
    const child = spawn("sleep", ["60"]);
    const file = openSync(`/proc/${child.pid}/cmdline`, "r");
    child.kill();
    await once(child, "exit");

    assert.equal(readIfThere(`/proc/self/fd/${file}`), undefined);
  });
});

describe("the time limit of a command", () => {
  /** Whether a process runs; one that has ended and not been waited for is none. */
  function runs(pid: number): boolean {
    try {
      process.kill(pid, 0);
    } catch {
      return false;
    }
    const stat = `/proc/${pid}/stat`;
    return !existsSync(stat) || !/^\d+ \(.*\) Z/.test(readFileSync(stat, "utf8"));
  }
  async function ended(pid: number): Promise<void> {
    for (const end = Date.now() + 120_000; runs(pid); await sleep(10)) {
      if (Date.now() > end) throw new Error(`process ${pid} runs on`);
    }
  }
  const started = (stdout: string) => Number(stdout.trim());

  it("ends what a shell has started, too", async () => {
    const { code, stdout, stderr } = await run("sh", ["-c", "sleep 900 & echo $!; wait"], {
      ...{ mayFail: true, timeout: 200 },
    });
    assert.equal(code, 124);
    assert.equal(stderr, "sh: ended, because it took longer than 0.2 s\n");
    await ended(started(stdout));
  });

  it("ends by force what does not end, and waits for no process that has gone its own way", async () => {
    const deaf = "trap '' TERM; setsid sleep 6 & echo $$; while :; do sleep 1; done";
    const { code, stdout } = await run("sh", ["-c", deaf], { mayFail: true, timeout: 200 });
    assert.equal(code, 124);
    await ended(started(stdout));
  });

  it("counts the exit code of a command that has ended in time, and leaves alone what it has started", async () => {
    const helper = "sleep 60 >/dev/null & echo $!; exit 3";
    const { code, stdout, stderr } = await run("sh", ["-c", helper], {
      ...{ mayFail: true, timeout: 10_000 },
    });
    const pid = started(stdout);
    try {
      assert.deepEqual([code, stderr], [3, ""]);
      assert.ok(runs(pid));
    } finally {
      process.kill(pid, "SIGKILL");
    }
  });

  it("loses nothing of what a command has said that ends in time", async () => {
    const { stdout } = await run("sh", ["-c", "head -c 3000000 /dev/zero | tr '\\0' x"], {
      timeout: 60_000,
    });
    assert.equal(stdout.length, 3_000_000);
  });

  it("is said to be over, too, of a command that this process may not end", async () => {
    const kill = process.kill.bind(process);
    let group = 0;
    // As for a command of another user's.
    process.kill = (pid) => {
      group = pid;
      throw Object.assign(new Error("kill EPERM"), { code: "EPERM" });
    };
    try {
      const { code, stderr } = await run("sleep", ["60"], { mayFail: true, timeout: 100 });
      assert.equal(code, 124);
      assert.equal(stderr, "sleep: could not be ended, though it took longer than 0.1 s\n");
    } finally {
      process.kill = kill;
      process.kill(group, "SIGKILL");
    }
  });

  it("ends by force what Ctrl-C does not end", async () => {
    const deaf = "trap '' TERM INT; echo $$; while :; do sleep 1; done";
    const program = `require("./process/run").run("sh", ["-c", ${JSON.stringify(deaf)}], { timeout: 60000, onLine: console.log })`;
    const child = spawn(process.execPath, ["--import=tsx", "-e", program]);
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const pid = started(line.toString());
    child.kill("SIGINT");
    await once(child, "exit");
    try {
      await ended(pid);
    } finally {
      if (runs(pid)) process.kill(-pid, "SIGKILL");
    }
  });

  it("lets Ctrl-C reach it all the same, and the command that has set it", async () => {
    const program = `require("./process/run").run("sh", ["-c", "sleep 60 & echo $!; wait"], { timeout: 60000, onLine: console.log })`;
    const child = spawn(process.execPath, ["--import=tsx", "-e", program]);
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    child.kill("SIGINT");
    const [, signal] = (await once(child, "exit")) as [number | null, string | null];
    assert.equal(signal, "SIGINT");
    await ended(started(line.toString()));
  });
});

describe("the lock of a checkout", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "lock-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("refuses a second start while the first one runs, and names its process", async () => {
    const lock = join(folder, "lock");
    await alone(async () => {
      await assert.rejects(
        alone(() => Promise.resolve(), lock),
        (thrown: Error) => thrown.message.includes(`(process ${process.pid})`),
      );
    }, lock);
  });

  it("takes over from a process that is gone, even when its number is in use again", async () => {
    const lock = join(folder, "lock");
    writeFileSync(lock, `${process.ppid} 1`);
    assert.equal(
      await alone(() => Promise.resolve(readFileSync(lock, "utf8").split(" ")[0]), lock),
      `${process.pid}`,
    );
  });

  it("leaves no file of a process that ended in the middle, by itself or by force", async () => {
    const lock = join(folder, "lock");
    const held = `require("./local/folder").alone(() => new Promise(() => END), ${JSON.stringify(lock)})`;
    const forced = "process.kill(process.pid, 'SIGKILL')";
    for (const end of ["process.exit()", forced]) {
      const program = held.replace("END", end);
      await run(process.execPath, ["--import=tsx", "-e", program], { mayFail: true });
      assert.deepEqual(readdirSync(folder), end === forced ? ["lock"] : [], end);
    }
    // One that was killed while it waited.
    writeFileSync(`${lock}.${process.ppid}-0`, `${process.ppid} 1`);
    await alone(() => Promise.resolve(), lock);
    assert.deepEqual(readdirSync(folder), []);
  });

  it("is waited for by those that take turns", async () => {
    const events: string[] = [];
    const name = `test-${process.pid}`;
    const first = inTurn(name, async () => {
      events.push("first begins");
      await new Promise((resolve) => setTimeout(resolve, 20));
      events.push("first ends");
    });
    await Promise.all([first, inTurn(name, () => Promise.resolve(events.push("second begins")))]);
    assert.deepEqual(events, ["first begins", "first ends", "second begins"]);
  });

  it("is given back after a failure", async () => {
    const lock = join(folder, "lock");
    await assert.rejects(alone(() => Promise.reject(new Error("no")), lock));
    assert.equal(await alone(() => Promise.resolve("yes"), lock), "yes");
  });
});

describe("duration", () => {
  it("counts seconds below a minute and minutes above", () => {
    assert.deepEqual([3449, 59_940, 59_960, 125_000].map(duration), [
      ...["3.4 s", "59.9 s", "1 min 00 s", "2 min 05 s"],
    ]);
  });
});
