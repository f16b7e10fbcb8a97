import { readFileSync } from "node:fs";
import { join } from "node:path";
import Mocha from "mocha";

/** What a part says to the process that runs all parts. */
export type Said =
  | { event: "begins" | "passed" | "skipped"; test: string }
  | { event: "failed"; test: string; why: string }
  | { event: "complete" };

/** The beginning of what was thrown: values that differ can be long. What another process threw is no `Error` here. */
const reason = (thrown: unknown) =>
  (typeof thrown === "object" && thrown !== null && "message" in thrown
    ? String(thrown.message)
    : String(thrown)
  ).slice(0, 600);

/** Tells, and returns when it is told. */
const say = (said: Said) => new Promise((told) => process.send?.(said, undefined, {}, told));

/** Runs test files in one mocha; a file that cannot be loaded counts as a test that failed. */
async function run(jobs: number, files: string[]): Promise<void> {
  const { timeout } = JSON.parse(
    readFileSync(join(__dirname, "..", "..", ".mocharc.json"), "utf8"),
  ) as { timeout: number };
  const mocha = new Mocha({ timeout, parallel: jobs > 1, jobs, reporter: "spec" });
  for (const file of files) mocha.addFile(join(__dirname, "..", file));
  try {
    if (jobs === 1) await mocha.loadFilesAsync();
    await new Promise<void>((resolve) => {
      const runner = mocha.run(() => resolve());
      const tell = (event: "begins" | "passed" | "skipped") =>
        function (test: { fullTitle(): string }) {
          void say({ event, test: test.fullTitle() });
        };
      runner.on("test", tell("begins"));
      runner.on("hook", tell("begins"));
      runner.on("pass", tell("passed"));
      runner.on("pending", tell("skipped"));
      runner.on("fail", (test, thrown) => {
        void say({ event: "failed", test: test.fullTitle(), why: reason(thrown) });
      });
    });
  } catch (thrown) {
    console.error(thrown);
    await say({
      ...{ event: "failed", test: `${files.join(", ")} cannot be loaded` },
      why: reason(thrown),
    });
  }
  await say({ event: "complete" });
  // A test that leaves a handle open holds nothing up.
  process.exit();
}

if (require.main === module) {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => process.exit(1));
  }
  process.on("disconnect", () => process.exit(1));
  const [jobs, ...files] = process.argv.slice(2);
  void run(Number(jobs), files);
}
