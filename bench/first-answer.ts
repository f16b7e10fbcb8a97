import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkout, inFolder } from "../local/folder";
import { startCluster, stopCluster } from "../local/local";
import { pulumi } from "../local/pulumi";
import { run } from "../process/run";
import { median } from "./measure";

/** Runs of which the median is told. */
const runs = 3;

/** A line that a start printed, and the seconds since its begin. */
interface Line {
  at: number;
  text: string;
}

/** Seconds from `npm start` to the first token of the model: of a stack that is not there yet, and of one that serves. */
export async function firstAnswer(): Promise<string[]> {
  await startCluster();
  // The copy that a start has made of the stack's file.
  const config = inFolder("pulumi", "Pulumi.dev.yaml");
  const [anew, again]: [number[], number[]] = [[], []];
  for (let at = 0; at < runs; at++) {
    await pulumi(["destroy", "--yes", "--skip-preview", "--stack", "dev", "--config-file", config]);
    anew.push(firstToken(await start(checkout)));
    again.push(firstToken(await start(checkout)));
  }
  const line = (what: string, seconds: number[]) => {
    const all = seconds.map((one) => one.toFixed(1)).join(", ");
    return `npm start on a running cluster, ${what}: first token after ${median(seconds).toFixed(1)} s (${all})`;
  };
  return [line("the stack not there", anew), line("the model served", again)];
}

/** Where the time of the very first start goes: in a fresh clone with an empty cache of compiled Go packages. */
export async function firstStart(): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "first-start-"));
  const cwd = join(folder, "gpu-serving");
  // Two clusters cannot run on one machine.
  await stopCluster();
  try {
    await run("git", ["clone", "--quiet", checkout, cwd]);
    const lines = await start(cwd, { ...process.env, GOCACHE: join(folder, "go-build") });
    await run("npm", ["stop"], { cwd });
    const ends = lines.filter(({ text }) => /^ok |^ {2}[\w-]+ v\d\S*: /.test(text));
    return [
      `the first npm start, no Go package compiled before: first token after ${firstToken(lines).toFixed(0)} s`,
      ...ends.map(({ at, text }) => `${at.toFixed(0).padStart(6)} s  ${text.trim()}`),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs `npm start` in a checkout. */
async function start(cwd: string, env = process.env): Promise<Line[]> {
  const since = performance.now();
  const lines: Line[] = [];
  await run("npm", ["start"], {
    ...{ cwd, env },
    onLine: (text) => lines.push({ at: (performance.now() - since) / 1000, text }),
  });
  return lines;
}

/** Seconds at which the first token came: the request is made when everything else has been done. */
function firstToken(lines: readonly Line[]): number {
  const asked = lines.find(({ text }) => text.trim() === "request ...");
  for (const { text } of lines) {
    const [, seconds] = /^ {2}first token after ([\d.]+) s/.exec(text) ?? [];
    if (seconds !== undefined && asked) return asked.at + Number(seconds);
  }
  throw new Error(
    `no first token in what npm start printed:\n${lines.map(({ text }) => text).join("\n")}`,
  );
}
