import { accessSync, constants, linkSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { writeWhole } from "../process/files";
import { run } from "../process/run";
import { leaveOut } from "./leave-out";
import type { GoModule, System } from "./tool-set";

/** True for a file that can be run. */
export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** How far a compilation is. */
export interface Progress {
  /** Packages that are compiled. */
  done: number;
  /** Of how many at most: those that Go's cache has are not compiled again. */
  most: number;
  /** The part of all source text that they have, from 0 to 1. */
  part: number;
}

/**
 * How all packages are compiled. They are the same for each tool, so that Go's cache serves one what it has of another. What a
 * debugger needs is left out: it takes a tenth of the time.
 */
const flags = (tags: readonly string[]) => [
  ...["-trimpath", `-tags=${["grpcnotrace", ...tags].join(",")}`, "-gcflags=all=-dwarf=false"],
];

/** Compiles those of a module's programs that a folder does not have. */
export async function compile(
  { folder, packages, scripts = {}, ldflags = "", without, tags = [] }: GoModule,
  kept: string,
  { os, arch }: System,
  say: (progress: Progress) => void,
): Promise<void> {
  const missing = Object.entries(packages).filter(([name]) => !isExecutable(path.join(kept, name)));
  if (missing.length > 0) {
    const programs = [...new Set(missing.map(([, program]) => program))];
    const env = {
      ...process.env,
      CGO_ENABLED: "0",
      GOFLAGS: "-mod=readonly -buildvcs=false",
      GOWORK: "off",
      GOOS: os,
      GOARCH: arch,
      // A compiler that ends within seconds need not collect its garbage.
      ...{ GOGC: "off", GOMEMLIMIT: "1GiB" },
    };
    // A build ends up in a folder of its own, so that a killed one leaves nothing that looks like a tool.
    const out = path.join(kept, "building");
    rmSync(out, { recursive: true, force: true });
    mkdirSync(out);
    const pinned = path.join(__dirname, "tools", folder);
    const cwd = without ? await leaveOut(without, pinned, path.join(out, "module"), env) : pinned;
    const sizes = await packageSizes(programs, flags(tags), { cwd, env });
    const whole = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    let [done, size] = [0, 0];
    const linked = ["-ldflags", `-s -w ${ldflags}`, "-o", `${out}/`];
    await run("go", ["build", "-v", ...flags(tags), ...linked, ...programs], {
      cwd,
      env,
      diesWithParent: "KILL",
      onLine: (line) => {
        size += sizes.get(line) ?? 0;
        say({ done: ++done, most: sizes.size, part: size / whole });
      },
    });
    for (const [name, program] of missing) {
      const half = path.join(out, `${name}.half`);
      linkSync(path.join(out, builtAs(program)), half);
      renameSync(half, path.join(kept, name));
    }
    rmSync(out, { recursive: true, force: true });
  }
  for (const [command, script] of Object.entries(scripts)) {
    writeWhole(path.join(kept, command), script, 0o755);
  }
}

/** Bytes of Go source of each package that programs need: about what compiling it takes. */
async function packageSizes(
  programs: string[],
  flags: string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<Map<string, number>> {
  const format = '{{.ImportPath}}\t{{.Dir}}\t{{join .GoFiles "\t"}}';
  const { stdout } = await run(
    "go",
    ["list", "-deps", ...flags, "-f", format, ...programs],
    options,
  );
  const lines = stdout.trimEnd().split("\n");
  return new Map(
    lines.map((line) => {
      const [name = "", dir = "", ...files] = line.split("\t");
      const sizes = files.filter(Boolean).map((file) => statSync(path.join(dir, file)).size);
      return [name, sizes.reduce((sum, size) => sum + size, 0)];
    }),
  );
}

/** Go names a program after the last part of its package's path that is not a major version. */
const builtAs = (name: string) =>
  [path.basename(name), path.basename(path.dirname(name))].find((base) => !/^v\d+$/.test(base)) ??
  name;

/** Compilations follow one another, also those of different steps: each uses all processors. */
let last: Promise<unknown> = Promise.resolve();

/** Runs `work` when the compilations that were asked for before have ended. */
export function afterOthers<T>(work: () => Promise<T>): Promise<T> {
  const mine = last.then(work, work);
  last = mine.catch(() => undefined);
  return mine;
}

/** Milliseconds until an estimate follows what was measured on this machine. */
const settled = 30_000;

/**
 * Estimates how many milliseconds work takes from now on.
 * @param expected what it takes as a whole on a usual machine
 * @param part of it that is done, from 0 to 1
 * @param elapsed milliseconds since its begin
 */
export function timeLeft(expected: number, part: number, elapsed: number): number {
  const measured = elapsed > settled && part > 0.05;
  return Math.max(0, measured ? (elapsed * (1 - part)) / part : expected * (1 - part));
}

/** An estimate in words: `about 9 min`, or `less than a minute`. */
export function inMinutes(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000);
  return minutes < 1 ? "less than a minute" : `about ${minutes} min`;
}
