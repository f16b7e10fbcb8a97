import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { duration } from "../../process/progress";
import type { Said } from "./part";

/** Test files that one process runs. */
export interface Part {
  /** What outputs and failures call it. */
  title: string;
  /** Paths from the folder of the tests. */
  files: string[];
  /** Processes of its own that it spreads its files over. */
  jobs: number;
}

/** Parts that run side by side, each as early as it can. */
export interface Stage {
  /** Those that take longest come first. */
  parts: (Part & {
    /** What of the cluster is the part's alone while it runs, such as an object's name. */
    alone?: readonly string[];
  })[];
  /** How many run at the same time at most. */
  atOnce: number;
}

const counts = { passed: 0, failed: 0, skipped: 0 };
const failures: string[] = [];
const times: string[] = [];

/** A part that runs. */
interface Running {
  title: string;
  since: number;
  child: ChildProcess;
  /** What it has printed, until that is printed as a whole; undefined where it is printed at once. */
  said: Buffer[] | undefined;
  /** The test or hook that it is at. */
  test: string;
}
const running = new Set<Running>();

function fail(test: string, why = ""): void {
  counts.failed++;
  failures.push([test, ...why.split("\n").filter((line) => line.trim() !== "")].join("\n    "));
}

/** Prints what a part that ran beside another one has said. */
function printWhole({ title, said }: Running): void {
  if (said === undefined) return;
  process.stdout.write(`\n──── ${title}\n`);
  process.stdout.write(Buffer.concat(said.splice(0)));
}

function hear(part: Running, said: Said): void {
  if (said.event === "complete") part.test = "";
  else if (said.event === "begins") part.test = said.test;
  else if (said.event === "failed") fail(said.test, said.why);
  else counts[said.event]++;
}

/** Runs one part to its end, whatever that is. */
async function run({ title, files, jobs }: Part, beside: boolean): Promise<void> {
  const output = beside ? "pipe" : "inherit";
  const program = [join(__dirname, "part.ts"), `${jobs}`, ...files];
  const child = spawn(process.execPath, [...process.execArgv, ...program], {
    stdio: ["ignore", output, output, "ipc"],
  });
  const part: Running = {
    ...{ title, since: Date.now(), child, test: "its start" },
    said: beside ? [] : undefined,
  };
  running.add(part);
  if (beside) console.log(`${title} begins`);
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (bytes: Buffer) => part.said?.push(bytes));
  child.on("message", (said: Said) => hear(part, said));
  await new Promise((resolve) => {
    child.on("close", resolve);
    child.on("error", resolve);
    // What it has started may hold its output open for longer.
    child.on("exit", () => setTimeout(resolve, 2000).unref());
  });
  running.delete(part);
  if (part.test !== "") fail(`${title} ended before its end, in: ${part.test}`);
  printWhole(part);
  times.push(`${title}: ${duration(Date.now() - part.since)}`);
}

let complete = false;
let ended = false;

/** Tells now and then that something happens while outputs are kept back. */
function pulse(): void {
  const kept = [...running].filter(({ said }) => said !== undefined);
  for (const { title, since, test } of kept)
    console.log(`  ${title} (${duration(Date.now() - since)}): ${test}`);
}

/** Whatever ends the run, its last line tells the count that programs read. */
function atExit(): void {
  for (const part of running) {
    part.child.kill("SIGKILL");
    printWhole(part);
    fail(`the run ended before its end, in: ${part.test}`);
  }
  if (!complete && counts.failed === 0) fail("the run ended before its end");
  if (counts.passed + counts.failed + counts.skipped === 0) fail("there was no test to run");
  console.log(times.join("\n"));
  if (failures.length > 0) console.log(`\nFailed:\n${failures.map((it) => `  ${it}`).join("\n")}`);
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
  console.log(`\n${counts.passed} passed, ${counts.failed} failed${skipped}`);
  process.exitCode = counts.failed > 0 ? 1 : 0;
}

function onSignal(signal: NodeJS.Signals): void {
  console.error(`\n${signal}`);
  ended = true;
  for (const { child } of running) child.kill("SIGTERM");
  // Parts that do not end in time are told of by the exit.
  setTimeout(() => process.exit(1), 5000);
}

/** Runs the parts of a stage: whenever one ends, the first of the rest that shares nothing with those that run. */
async function runStage({ parts, atOnce }: Stage): Promise<void> {
  const waiting = [...parts];
  const taken = new Map<Stage["parts"][number], Promise<void>>();
  while (!ended && waiting.length + taken.size > 0) {
    const held = [...taken.keys()].flatMap(({ alone = [] }) => alone);
    const next = waiting.findIndex(({ alone = [] }) => !alone.some((name) => held.includes(name)));
    const [part] = taken.size < atOnce && next >= 0 ? waiting.splice(next, 1) : [];
    if (part) {
      taken.set(
        part,
        run(part, parts.length > 1).then(() => void taken.delete(part)),
      );
    } else await Promise.race(taken.values());
  }
  await Promise.all(taken.values());
}

/** Runs stages one after another, and ends this process with a count of the tests as its last line. */
export async function runStages(stages: Stage[]): Promise<void> {
  setInterval(pulse, 60_000).unref();
  process.on("exit", atExit);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
  for (const stage of stages) await runStage(stage);
  complete = !ended;
  process.exit();
}
