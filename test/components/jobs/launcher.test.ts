import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { connect, createServer, type AddressInfo } from "node:net";
import path from "node:path";
import { pythonEnvironment, systemPython } from "../../digits/python";

const launcher = path.join(__dirname, "../../../components/jobs/launcher.py");

/** Another worker is gone; the Job does not count this exit code. */
const restart = 75;

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A launcher that runs. */
interface Running {
  process: ChildProcess;
  /** All that it and its command have written. */
  output: () => string;
  /** Resolves once that matches. */
  says: (pattern: RegExp) => Promise<void>;
  /** Resolves with its exit code, or the name of the signal that ended it. */
  end: Promise<number | string>;
}

function endIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

describe("the launcher of a group of workers", function () {
  this.slow(10_000);
  let python = "";
  let port = 0;
  let started: ChildProcess[] = [];
  let commands: number[] = [];

  before(async () => {
    const found = await systemPython();
    if (found === undefined) throw new Error("there is no Python 3.11 or later: install python3");
    python = found;
  });
  beforeEach(async () => {
    port = await freePort();
    started = [];
    commands = [];
  });
  afterEach(() => {
    for (const process of started) process.kill("SIGKILL");
    // The command of a launcher that was killed lives on, and holds its output open.
    for (const pid of commands) endIfThere(pid);
  });

  /** Starts one of two workers with a Python program as its command. */
  function worker(
    index: number,
    program: string,
    { run = "r1", patience = 300, silence = 300, command = [python, "-u", "-c", program] } = {},
  ): Running {
    const child = spawn(
      python,
      [
        ...[launcher, "--run", run, "--index", String(index), "--workers", "2"],
        ...["--host", "127.0.0.1", "--port", String(port), "--patience", String(patience)],
        ...["--silence", String(silence), "--", ...command],
      ],
      { env: pythonEnvironment() },
    );
    started.push(child);
    let output = "";
    const listeners = new Set<() => void>();
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (text: Buffer) => {
        output += text.toString();
        commands.push(...[...output.matchAll(/works as (\d+) /g)].map(([, pid]) => Number(pid)));
        listeners.forEach((listener) => listener());
      });
    }
    const end = new Promise<number | string>((resolve) =>
      child.on("close", (code, signal) => resolve(code ?? signal ?? "")),
    );
    const says = (pattern: RegExp) =>
      new Promise<void>((resolve, reject) => {
        const look = () => {
          if (!pattern.test(output)) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        void end.then(() => reject(new Error(`ended without ${String(pattern)}:\n${output}`)));
        look();
      });
    return { process: child, output: () => output, says, end };
  }

  const ends = (...workers: Running[]) => Promise.all(workers.map(({ end }) => end));
  /** Runs until it is told to stop, and says then that it was. */
  const patient = `
import os, signal, sys, time
def stop(*_):
    print("checkpoint"); sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print("works as", os.getpid(), "."); time.sleep(900)`;

  it("starts the commands when all are there, and ends with success when all have succeeded", async () => {
    const first = worker(0, `print("works")`);
    await first.says(/worker 0 is there, 1 of 2/);
    assert.doesNotMatch(first.output(), /works/);

    const second = worker(1, `import time; time.sleep(0.5); print("last")`);

    assert.deepEqual(await ends(first, second), [0, 0]);
    assert.match(first.output(), /all 2 workers are there\nworks/);
    assert.match(second.output(), /last/);
  });

  it("gives the first that fails the blame, and stops the others for another start", async () => {
    const first = worker(0, patient);
    await first.says(/worker 0 is there/);
    const second = worker(1, `import sys, time; time.sleep(0.5); sys.exit(3)`);

    assert.deepEqual(await ends(first, second), [restart, 3]);
    assert.match(first.output(), /checkpoint/);
  });

  it("gives one the blame where both fail together", async () => {
    const program = "import sys, time; time.sleep(0.5); sys.exit(3)";

    assert.deepEqual((await ends(worker(0, program), worker(1, program))).sort(), [3, restart]);
  });

  it("starts all again when one that had succeeded is all that is left of the group", async () => {
    const first = worker(0, "pass");
    const second = worker(1, "import os, signal, time; time.sleep(1); os.kill(os.getpid(), 9)");

    assert.deepEqual(await ends(first, second), [restart, 128 + 9]);
  });

  for (const lost of [0, 1]) {
    it(`blames nobody but the pod when worker ${lost} is lost, of which others fail`, async () => {
      const bereft = `
import os, time
while os.path.exists("/proc/%d"): time.sleep(0.05)
raise SystemExit(4)`;
      const other = 1 - lost;
      const gone = worker(lost, patient);
      const left = worker(other, bereft.replace("%d", String(gone.process.pid)));
      await Promise.all([gone.says(/works as \d+ \./), left.says(/all 2 workers are there/)]);

      // With a container goes everything in it.
      const command = Number(/works as (\d+)/.exec(gone.output())?.[1]);
      for (const pid of [gone.process.pid, command]) process.kill(pid ?? NaN, "SIGKILL");

      assert.deepEqual(await ends(gone, left), ["SIGKILL", restart]);
    });
  }

  it("blames no command that failed a moment before its group lost another worker", async () => {
    const first = worker(0, "raise SystemExit(4)");
    await first.says(/worker 0 is there/);
    // A worker of which only the connection is left.
    const other = connect(port, "127.0.0.1", () => other.write("hello r1 1\n"));
    await first.says(/worker 0 failed/);

    other.destroy();

    assert.equal(await first.end, restart);
  });

  for (const hung of [0, 1]) {
    it(`does not wait for worker ${hung} when its machine says nothing any more`, async () => {
      const workers = [0, 1].map((index) => worker(index, patient, { silence: 5 }));
      await Promise.all(workers.map(({ says }) => says(/works/)));

      workers[hung]?.process.kill("SIGSTOP");

      assert.equal(await workers[1 - hung]?.end, restart);
    });
  }

  it("hands a stop on to its command, whose success is then none", async () => {
    const [first, second] = [worker(0, patient), worker(1, patient)];
    await Promise.all([first.says(/works/), second.says(/works/)]);

    second.process.kill("SIGTERM");

    assert.deepEqual(await ends(first, second), [restart, 128 + 15]);
    assert.match(second.output(), /checkpoint/);
  });

  it("knows a worker that was started again, and starts with it anew", async () => {
    const [first, second] = [worker(0, patient), worker(1, patient)];
    await Promise.all([first.says(/works/), second.says(/works/)]);
    const again = worker(1, `print("again")`);
    assert.deepEqual(await ends(first, second), [restart, restart]);

    const firstAgain = worker(0, `print("again")`);

    assert.deepEqual(await ends(firstAgain, again), [0, 0]);
    assert.match(again.output(), /again/);
  });

  it("lets no worker of another run in", async () => {
    const first = worker(0, `print("works")`, { patience: 2 });
    const stranger = worker(1, `print("works")`, { run: "r2", patience: 2 });

    const [end] = await ends(first, stranger);
    assert.equal(end, 1);
    assert.match(first.output(), /not all 2 workers came in 2 s/);
    assert.doesNotMatch(first.output() + stranger.output(), /works/);
  });

  it("fails with what the shell would say of a command that does not exist", async () => {
    const first = worker(0, patient);
    const second = worker(1, "", { command: ["/no/such/command"] });

    assert.deepEqual(await ends(first, second), [restart, 127]);
  });
});
