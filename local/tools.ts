import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import path from "node:path";
import { download, Unreachable } from "./download";
import { Fault } from "../process/fault";
import { inFolder, inTurn } from "./folder";
import { readIfThere, writeWhole } from "../process/files";
import { note, type Say } from "../process/progress";
import { run } from "../process/run";
import type { Download, System, ToolSet } from "./tool-list";

/** Holds a link to every tool that is not taken from PATH; goes first in the PATH of what the local commands run. */
export const toolPath = inFolder("bin");

const system: System = {
  os: process.platform,
  arch: process.arch === "x64" ? "amd64" : process.arch,
};

/** PATH as the user has it. */
const userPath = (process.env.PATH ?? "")
  .split(":")
  .filter((folder) => folder !== "" && folder !== toolPath);

/** The file of a command on the user's PATH. */
export function onPath(command: string): string | undefined {
  return userPath.map((folder) => path.join(folder, command)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Finds a set's commands or makes them: PATH, then what an earlier start made, then the official download, then Go modules.
 * @param target system they are for; those for another one than this are not put on PATH. @default this one
 * @returns the file of the first command
 */
export async function provide(
  set: ToolSet,
  say: Say,
  target: Partial<System> = {},
): Promise<string> {
  const { os, arch } = { ...system, ...target };
  const own = os === system.os && arch === system.arch;
  const kept = inFolder("tools", `${set.name}-${set.version}${own ? "" : `-${os}-${arch}`}`);
  const first = set.commands[0] ?? "";
  const source = path.join(kept, "source");
  const title = `${set.name} ${set.version}`;
  if (own && (await acceptedOnPath(set))) {
    for (const command of set.commands) rmSync(path.join(toolPath, command), { force: true });
    note(`  ${set.name}: from PATH (${onPath(first)})`);
    return onPath(first) ?? first;
  }
  const earlier = () => readIfThere(source);
  if (earlier() === undefined) {
    await inTurn(path.basename(kept), async () => {
      if (earlier() !== undefined) return;
      mkdirSync(kept, { recursive: true });
      const how = await make(set, kept, say, { os, arch });
      writeWhole(source, how);
      note(`  ${title}: ${how}`);
    });
  } else note(`  ${title}: ${earlier()} earlier`);
  if (own) for (const command of set.commands) linkTool(command, kept);
  return path.join(kept, first);
}

function linkTool(command: string, kept: string): void {
  mkdirSync(toolPath, { recursive: true });
  const link = path.join(toolPath, command);
  const half = `${link}.${process.pid}`;
  rmSync(half, { force: true });
  symlinkSync(path.relative(toolPath, path.join(kept, command)), half);
  renameSync(half, link);
}

async function acceptedOnPath({ commands, onPath: wanted }: ToolSet): Promise<boolean> {
  if (!wanted || !commands.every((command) => onPath(command) !== undefined)) return false;
  const options = { mayFail: true, timeout: 10_000 };
  const { stdout, stderr } = await run(onPath(commands[0] ?? "") ?? "", wanted.args, options);
  return wanted.says.test(stdout + stderr);
}

async function make(set: ToolSet, kept: string, say: Say, target: System): Promise<string> {
  let why = "there is no official download";
  try {
    if (!set.download) throw new Unreachable(why);
    for (const command of set.commands) {
      await fetchCommand(command, set.download(command, target), kept, say);
    }
    return "official download, checksum verified";
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    why = error.message;
  }
  for (const module of set.modules) await compiling(() => compile(module, kept, say, why, target));
  for (const [command, script] of Object.entries(set.wrappers ?? {})) {
    writeWhole(path.join(kept, command), script, 0o755);
  }
  return `compiled from Go modules (${why})`;
}

async function fetchCommand(
  command: string,
  { url, checksum, member }: Download,
  kept: string,
  say: Say,
): Promise<void> {
  if (isExecutable(path.join(kept, command))) return;
  const file = path.join(kept, path.basename(url));
  if (member === undefined || !existsSync(file)) {
    await download(url, checksum, `${file}.new`, say);
    renameSync(`${file}.new`, file);
  }
  const half = path.join(kept, "half");
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half);
  if (member === undefined) renameSync(file, path.join(half, command));
  else {
    const above = `--strip-components=${member.split("/").length - 1}`;
    await run("tar", ["-xzf", file, "-C", half, above, member]);
  }
  chmodSync(path.join(half, command), 0o755);
  renameSync(path.join(half, command), path.join(kept, command));
  rmSync(half, { recursive: true });
}

/** Compilations follow one another: each uses all processors. */
let last: Promise<unknown> = Promise.resolve();
function compiling<T>(work: () => Promise<T>): Promise<T> {
  const mine = last.then(work, work);
  last = mine.catch(() => undefined);
  return mine;
}

async function compile(
  module: ToolSet["modules"][number],
  kept: string,
  say: Say,
  why: string,
  target: System,
): Promise<void> {
  const { folder, packages, tags = "", ldflags = "" } = module;
  const missing = Object.keys(packages).filter(
    (command) => !isExecutable(path.join(kept, command)),
  );
  if (missing.length === 0) return;
  if (onPath("go") === undefined) {
    throw new Fault(
      `${missing.join(", ")} cannot be had: not on PATH, no download (${why}), and no Go to compile from modules. Install Go 1.25 or newer (or the commands themselves) and run the command again.`,
    );
  }
  const cwd = path.join(__dirname, "tools", folder);
  const env = {
    ...process.env,
    CGO_ENABLED: "0",
    GOFLAGS: "-mod=readonly -buildvcs=false",
    GOWORK: "off",
    GOOS: target.os,
    GOARCH: target.arch,
  };
  const names = missing.map((command) => packages[command] ?? "");
  say(`${folder}: fetching Go modules`);
  const { stdout } = await run("go", ["list", "-deps", "-tags", tags, ...names], { cwd, env });
  const total = stdout.trimEnd().split("\n").length;
  // A build ends up in a folder of its own, so that a killed one leaves nothing that looks like a tool.
  const out = path.join(kept, "building");
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out);
  let done = 0;
  const flags = ["-v", "-trimpath", "-tags", tags, "-ldflags", `-s -w ${ldflags}`, "-o", `${out}/`];
  await run("go", ["build", ...flags, ...names], {
    cwd,
    env,
    diesWithParent: "KILL",
    onLine: () => say(`compiling ${folder}, ${++done} of at most ${total} packages`),
  });
  for (const [command, name] of Object.entries(packages)) {
    if (!missing.includes(command)) continue;
    // Go names a program after the last part of its package's path that is not a major version.
    const [built] = [path.basename(name), path.basename(path.dirname(name))].filter(
      (base) => !/^v\d+$/.test(base),
    );
    renameSync(path.join(out, built ?? command), path.join(kept, command));
  }
  rmSync(out, { recursive: true, force: true });
}
