import { readFileSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import Mocha from "mocha";
import { duration } from "../local/progress";

/** Test files that one mocha runs, in as many processes. */
interface Part {
  title: string;
  files: string[];
  jobs: number;
}

const all = readdirSync(__dirname, { recursive: true })
  .map(String)
  .filter((file) => file.endsWith(".test.ts"))
  .sort();
const isEndToEnd = (file: string) => file.startsWith(join("e2e", ""));

/** The files with some put first and some put last. */
function ordered(files: string[], first: string[], last: string[] = []): string[] {
  const named = (names: string[]) =>
    names.map((name) => join(`${name}.test.ts`)).filter((file) => files.includes(file));
  const rest = files.filter((file) => ![...named(first), ...named(last)].includes(file));
  return [...named(first), ...rest, ...named(last)];
}

/** Side by side; those that wait for programs they have started begin first, and do so beside all others. */
const unit: Part = {
  title: "unit tests",
  files: ordered(
    all.filter((file) => !isEndToEnd(file)),
    ["checks", "library", "quota/quota", "digits/train", "stacks/loading", "ci/workflows"],
  ),
  jobs: availableParallelism() + 1,
};

/** One after another: what needs pulumi alone, then what shares the running cluster, then what may stop it. */
const endToEnd: Part[] = ordered(
  all.filter(isEndToEnd),
  ["e2e/clouds/stand-ins", "e2e/clouds/eks-mode", "e2e/clouds/node-counts", "e2e/stack"],
  ["e2e/start", "e2e/teardown"],
).map((file) => ({ title: file, files: [file], jobs: 1 }));

const groups: Record<string, Part[]> = {
  unit: [unit],
  e2e: endToEnd,
  clouds: endToEnd.filter(({ title }) => title.startsWith(join("e2e", "clouds", ""))),
};

const { timeout } = JSON.parse(readFileSync(join(__dirname, "..", ".mocharc.json"), "utf8")) as {
  timeout: number;
};
const counts = { passed: 0, failed: 0, skipped: 0 };
const failures: string[] = [];
const times: string[] = [];
let running = "";

/** Runs one part; a file that cannot be loaded counts as a test that failed. */
async function run({ title, files, jobs }: Part): Promise<void> {
  const since = Date.now();
  running = title;
  const mocha = new Mocha({ timeout, parallel: jobs > 1, jobs, reporter: "spec" });
  for (const file of files) mocha.addFile(join(__dirname, file));
  try {
    if (jobs === 1) await mocha.loadFilesAsync();
    await new Promise<void>((resolve) => {
      const runner = mocha.run(() => resolve());
      runner.on("test", (test) => (running = test.fullTitle()));
      runner.on("hook", (hook) => (running = hook.fullTitle()));
      runner.on("pass", () => counts.passed++);
      runner.on("pending", () => counts.skipped++);
      runner.on("fail", (test) => {
        counts.failed++;
        failures.push(test.fullTitle());
      });
    });
  } catch (thrown) {
    console.error(thrown);
    counts.failed++;
    failures.push(`${title} cannot be loaded`);
  }
  times.push(`${title}: ${duration(Date.now() - since)}`);
}

// Whatever ends the run, its last line tells the count that programs read.
let complete = false;
process.on("exit", () => {
  if (!complete) {
    counts.failed++;
    failures.push(`the run ended before its end, in: ${running}`);
  }
  console.log(times.join("\n"));
  if (failures.length > 0) console.log(`\nFailed:\n${failures.map((it) => `  ${it}`).join("\n")}`);
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
  console.log(`\n${counts.passed} passed, ${counts.failed} failed${skipped}`);
  process.exitCode = counts.failed > 0 ? 1 : 0;
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    console.error(`\n${signal}`);
    process.exit(1);
  });
}

async function main(names: string[]): Promise<void> {
  for (const name of names) {
    const parts = groups[name];
    if (!parts) throw new Error(`${name}: there is ${Object.keys(groups).join(", ")}`);
    for (const part of parts) await run(part);
  }
  complete = true;
  // A test that leaves a handle open holds nothing up.
  process.exit();
}

void main(process.argv.slice(2));
