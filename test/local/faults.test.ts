import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { checkMachine } from "../../local/embedded";
import { alone, inTurn } from "../../local/folder";
import { Fault, sentenceFor } from "../../process/fault";
import { readIfThere } from "../../process/files";
import { duration } from "../../process/progress";
import { run } from "../../process/run";
import { suiteFolder } from "../support/folder";

describe("a fault of the machine", () => {
  it("is its sentence alone, without a stack trace, which a bug shows", () => {
    assert.equal(sentenceFor(new Fault("Port 1 is in use.")), "Port 1 is in use.");
    assert.match(sentenceFor(new TypeError("x is undefined")), /TypeError: x is undefined\n +at /);
  });

  it("says what to do about a full disk, whether node or a command met it", async () => {
    const full = Object.assign(new Error("ENOSPC"), { code: "ENOSPC", path: "/x/y" });
    assert.match(sentenceFor(full), /^The disk is full at \/x\/y: free some space/);
    const command = "echo 'write /x: no space left on device' >&2; exit 1";
    await assert.rejects(run("sh", ["-c", command]), { message: /^The disk is full: sh .* Free/ });
  });

  it("names what is wrong with Docker, and root where that is another way", () => {
    const docker = { cause: "The Docker daemon does not run", fix: "start it", installed: true };
    const ask = "The Docker daemon does not run: start it, then run the command again.";
    const root = " Without Docker, the local cluster needs root: use sudo for that.";
    assert.throws(() => checkMachine(docker, "linux", 1000), new Fault(ask + root));
    assert.throws(() => checkMachine(docker, "darwin", 501), new Fault(ask));
    assert.doesNotThrow(() => checkMachine(docker, "linux", 0));
  });
});

describe("run", () => {
  it("fails with the last lines the command said", async () => {
    await assert.rejects(run("sh", ["-c", "echo why >&2; exit 3"]), {
      message: "sh -c echo why >&2; exit 3 failed with exit code 3:\n  why",
    });
  });

  it("answers 127 for a command that does not exist, or whose path leads through a file", async () => {
    for (const command of ["no-such-command-here", join(__filename, "login")]) {
      const { code, stderr } = await run(command, [], { mayFail: true });
      assert.deepEqual([code, stderr], [127, `${command}: command not found`]);
    }
  });

  it("names a command that cannot be started, in a sentence, and the folder that is not there", async () => {
    for (const [argument, cwd, message] of [
      ["x".repeat(4_000_000), undefined, "true cannot be started: spawn E2BIG."],
      ["", "/no/such/folder", "true cannot be started in /no/such/folder: no such folder."],
    ] as const) {
      const started = run("true", [argument], { cwd, mayFail: true });
      await assert.rejects(started, { name: "Fault", message });
    }
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

  it("ends what a shell has started, too", async () => {
    const options = { mayFail: true, timeout: 200 };
    const { code, stdout, stderr } = await run("sh", ["-c", "sleep 900 & echo $!; wait"], options);
    assert.deepEqual([code, stderr], [124, "sh: ended, because it took longer than 0.2 s\n"]);
    await ended(Number(stdout));
  });

  it("ends by force what does not end, and waits for no process that has gone its own way", async () => {
    const deaf = "trap '' TERM; setsid sleep 6 & echo $$; while :; do sleep 1; done";
    const { code, stdout } = await run("sh", ["-c", deaf], { mayFail: true, timeout: 200 });
    assert.equal(code, 124);
    await ended(Number(stdout));
  });

  it("counts the exit code of a command that has ended in time, and leaves alone what it has started", async () => {
    const helper = ["-c", "sleep 60 >/dev/null & echo $!; exit 3"];
    const options = { mayFail: true, timeout: 10_000 };
    const { code, stdout, stderr } = await run("sh", helper, options);
    try {
      assert.deepEqual([code, stderr, runs(Number(stdout))], [3, "", true]);
    } finally {
      process.kill(Number(stdout), "SIGKILL");
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

  /** Ends by Ctrl-C, once it has printed the number of a process, a command that runs a script with a time limit. */
  async function interrupted(script: string) {
    const args = `"sh", ["-c", ${JSON.stringify(script)}], { timeout: 60000, onLine: console.log }`;
    const program = `require("./process/run").run(${args})`;
    const child = spawn(process.execPath, ["--import=tsx", "-e", program]);
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    child.kill("SIGINT");
    const [, signal] = (await once(child, "exit")) as [number | null, string | null];
    return { pid: Number(line.toString()), signal };
  }

  it("ends by force what Ctrl-C does not end", async () => {
    const { pid } = await interrupted("trap '' TERM INT; echo $$; while :; do sleep 1; done");
    try {
      await ended(pid);
    } finally {
      if (runs(pid)) process.kill(-pid, "SIGKILL");
    }
  });

  it("lets Ctrl-C reach it all the same, and the command that has set it", async () => {
    const { pid, signal } = await interrupted("sleep 60 & echo $!; wait");
    assert.equal(signal, "SIGINT");
    await ended(pid);
  });
});

describe("the lock of a checkout", () => {
  const all = suiteFolder();
  let folder: string;
  let lock: string;
  beforeEach(() => {
    folder = mkdtempSync(join(all, "locks-"));
    lock = join(folder, "lock");
  });
  const nothing = () => Promise.resolve();

  it("refuses a second start while the first one runs, and names its process", () =>
    alone(
      () =>
        assert.rejects(alone(nothing, lock), (thrown: Error) =>
          thrown.message.includes(`(process ${process.pid})`),
        ),
      lock,
    ));

  it("takes over from a process that is gone, even when its number is in use again", async () => {
    writeFileSync(lock, `${process.ppid} 1`);
    const holder = await alone(() => Promise.resolve(readFileSync(lock, "utf8")), lock);
    assert.equal(holder.split(" ")[0], `${process.pid}`);
  });

  it("leaves no file of a process that ended in the middle, by itself or by force", async () => {
    const held = `require("./local/folder").alone(() => new Promise(() => END), ${JSON.stringify(lock)})`;
    const forced = "process.kill(process.pid, 'SIGKILL')";
    for (const end of ["process.exit()", forced]) {
      const program = held.replace("END", end);
      await run(process.execPath, ["--import=tsx", "-e", program], { mayFail: true });
      assert.deepEqual(readdirSync(folder), end === forced ? ["lock"] : [], end);
    }
    // One that was killed while it waited.
    writeFileSync(`${lock}.${process.ppid}-0`, `${process.ppid} 1`);
    await alone(nothing, lock);
    assert.deepEqual(readdirSync(folder), []);
  });

  it("is waited for by those that take turns", async () => {
    const events: string[] = [];
    const name = `test-${process.pid}`;
    const first = inTurn(name, async () => {
      events.push("first begins");
      await sleep(20);
      events.push("first ends");
    });
    await Promise.all([first, inTurn(name, () => Promise.resolve(events.push("second begins")))]);
    assert.deepEqual(events, ["first begins", "first ends", "second begins"]);
  });

  it("is given back after a failure", async () => {
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
