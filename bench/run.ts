import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkout, inFolder } from "../local/folder";
import { startCluster, stopCluster } from "../local/local";
import { createStack } from "../local/stack";
import { providePulumi, pulumi, pulumiSets } from "../local/pulumi";
import { run } from "../process/run";
import { cloudBenchmarks } from "./clouds";
import { firstAnswer, firstStart } from "./first-answer";
import { fitAndChoice } from "./fit";
import { compared, measured, median, type Measured } from "./measure";

const pairs = 7;
const quiet = () => undefined;

/** The preview of a stack with one service against that of the same resources in one plain program, in turn. */
async function preview(): Promise<string[]> {
  const handwritten = join(checkout, "bench", "handwritten");
  // Pulumi writes the passphrase's salt into the files it is given.
  const [ours, empty] = [inFolder("bench", "one-service.yaml"), inFolder("bench", "empty.yaml")];
  mkdirSync(inFolder("bench"), { recursive: true });
  copyFileSync(join(checkout, "bench", "one-service.yaml"), ours);
  writeFileSync(empty, "config: {}\n");
  const programs = [
    { cwd: checkout, config: ours },
    { cwd: handwritten, config: empty },
  ];
  // Neither stack is ever made, so both previews show that everything would be created.
  await pulumi(["stack", "rm", "bench", "--force", "--yes"], { mayFail: true });
  await createStack("bench");
  const mirror = inFolder("bench", "handwritten");
  mkdirSync(mirror, { recursive: true });
  copyFileSync(join(handwritten, "Pulumi.yaml"), join(mirror, "Pulumi.yaml"));
  await pulumi(["stack", "init", "--no-select", "--stack", "bench"], {
    cwd: mirror,
    mayFail: true,
  });
  const results: [Measured[], Measured[]] = [[], []];
  // The first pair warms the caches and does not count.
  for (let pair = 0; pair <= pairs; pair++) {
    for (const [at, { cwd, config }] of programs.entries()) {
      const args = ["preview", "--stack", "bench", "--config-file", config];
      const one = await measured((env) => pulumi(args, { cwd, env }));
      if (pair > 0) results[at]?.push(one);
    }
  }
  const [mine, theirs] = results;
  const line = (what: string, unit: string, key: keyof Measured) => {
    const of = (all: Measured[]) => all.map((one) => one[key]);
    return compared(`preview of a stack with one service, ${what}`, unit, of(mine), of(theirs));
  };
  return [line("time", "s", "seconds"), line("memory", "MiB", "peakMiB")];
}

async function times(
  what: string,
  runs: number,
  work: () => Promise<unknown>,
  before: () => Promise<unknown> = () => Promise.resolve(),
): Promise<string> {
  const seconds: number[] = [];
  for (let at = 0; at < runs; at++) {
    await before();
    seconds.push((await measured(work)).seconds);
  }
  const all = seconds.map((one) => one.toFixed(1)).join(", ");
  return `${what}: median ${median(seconds).toFixed(1)} s (${all})`;
}

const npm = (...args: string[]) => run("npm", args, { cwd: checkout });

/** The benchmarks by name; a name as argument runs that one alone. */
const benchmarks: Record<string, () => Promise<string[]>> = {
  preview,
  start: firstAnswer,
  unit: async () => [await times("npm run test:unit", 1, () => npm("run", "test:unit"))],
  cluster: async () => [
    await times("cluster start without compilation", 3, startCluster, stopCluster),
  ],
  fit: () => Promise.resolve(fitAndChoice()),
  ...cloudBenchmarks,
  // It stops the cluster that the others use.
  "first-start": firstStart,
};

/** Names that stand for several benchmarks. */
const groups: Record<string, string[]> = { clouds: Object.keys(cloudBenchmarks) };

async function bench(names: string[]): Promise<void> {
  const wanted = names.flatMap((name) => groups[name] ?? [name]);
  const unknown = wanted.filter((name) => !(name in benchmarks));
  if (unknown.length > 0) {
    const known = [...Object.keys(benchmarks), ...Object.keys(groups)].join(", ");
    throw new Error(`no benchmark has the name ${unknown.join(", ")}; there are ${known}`);
  }
  await npm("start");
  await providePulumi(await pulumiSets(), quiet);
  const lines: string[] = [];
  try {
    for (const [name, benchmark] of Object.entries(benchmarks)) {
      if (wanted.length === 0 || wanted.includes(name)) lines.push(...(await benchmark()));
    }
  } finally {
    console.log(`\n${lines.join("\n")}`);
  }
}

void bench(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
