import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../process/run";

/** Runs stages of the parts in test/fixtures/parts, and ends them by a signal once they have said something. */
async function runStages(stages: string[], end?: { signal: NodeJS.Signals; after: RegExp }) {
  const main = join(__dirname, "..", "fixtures", "parts", "main.ts");
  const folder = mkdtempSync(join(tmpdir(), "stages-"));
  const env = { ...process.env, WAITING: join(folder, "waiting") };
  const child = spawn(process.execPath, ["--import=tsx", main, ...stages], { env });
  let output = "";
  child.stdout.on("data", (bytes: Buffer) => {
    output += bytes.toString();
    if (end?.after.test(output)) child.kill(end.signal);
  });
  const [code] = (await once(child, "close")) as [number | null];
  rmSync(folder, { recursive: true });
  return { code, output, last: output.trimEnd().split("\n").at(-1) };
}

describe("a run of all tests", function () {
  this.slow(20_000);

  it("counts all lanes, tells what failed, and prints what each part said as a whole", async () => {
    const { code, output, last } = await runStages(["passes+fails", "passes"]);

    assert.equal(last, "5 passed, 1 failed, 2 skipped");
    assert.equal(code, 1);
    assert.match(output, /\nFailed:\n {2}what fails fails\n {4}as it is meant to\n/);
    for (const part of ["passes", "fails"]) {
      const whole = `──── ${part}\\n+( .*\\n|\\n|${part} says so\\n)+`;
      assert.match(output, new RegExp(`${whole}(────|passes|fails|$)`));
    }
  });

  it("runs side by side only what shares nothing", async () => {
    const { output } = await runStages(["passes@a+throws@a+fails"]);

    const events = output.split("\n").filter((line) => /begins$|^────/.test(line));
    const at = (event: string) => events.indexOf(event);
    assert.deepEqual(events.slice(0, 2), ["passes begins", "fails begins"]);
    assert.ok(at("throws begins") > at("──── passes"), events.join("\n"));
  });

  it("tells why something failed in a part of several processes, too", async () => {
    const { output, last } = await runStages(["fails*2"]);

    assert.equal(last, "1 passed, 1 failed");
    assert.match(output, /\nFailed:\n {2}what fails fails\n {4}as it is meant to\n/);
  });

  it("is not one that passed when a part ends too early or cannot be loaded, and goes on", async () => {
    const { code, output, last } = await runStages(["exits", "throws", "passes"]);

    assert.equal(last, "3 passed, 2 failed, 1 skipped");
    assert.equal(code, 1);
    assert.match(output, / {2}exits ended before its end, in: what exits ends its process\n/);
    assert.match(output, / {2}.*throws\.ts cannot be loaded\n {4}no such data\n/);
  });

  it("is not one that passed when there was no test in it", async () => {
    for (const stages of [[], ["nothing"]]) {
      const { code, output, last } = await runStages(stages);

      assert.equal(last, "0 passed, 1 failed");
      assert.equal(code, 1);
      assert.match(output, /\nFailed:\n {2}there was no test to run\n/);
    }
  });

  for (const [names, what] of [
    [[], "No tests are named"],
    [
      ["unit", "constructor", "checks", "e2e/nothing"],
      "There are no tests named constructor, checks, e2e/nothing",
    ],
  ] as const) {
    it(`is refused in a sentence: ${what}`, async () => {
      const main = join(__dirname, "..", "run.ts");
      const { code, stdout, stderr } = await run(
        process.execPath,
        ["--import=tsx", main, ...names],
        {
          mayFail: true,
        },
      );

      assert.equal(stderr, `${what}: give unit, e2e, clouds, or e2e/NAME for one file.\n`);
      assert.deepEqual([code, stdout], [1, ""]);
    });
  }

  it("that is ended says in which tests it was, with what they said so far and the count last", async () => {
    const end = { signal: "SIGTERM", after: /──── follows/ } as const;
    const { code, output, last } = await runStages(["waits+follows", "passes"], end);

    assert.equal(last, "1 passed, 1 failed");
    assert.equal(code, 1);
    assert.match(output, /──── waits\n[^]*it waits now\n/);
    assert.match(output, / {2}waits ended before its end, in: what waits waits\n/);
  });
});
