import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { afterOthers, compile, inMinutes, isExecutable, timeLeft } from "./compile";
import { download, Unreachable } from "./download";
import { Fault } from "../process/fault";
import { inFolder, inTurn } from "./folder";
import { readIfThere, writeWhole } from "../process/files";
import { note, type Say } from "../process/progress";
import { run } from "../process/run";
import type { Download, System, ToolSet } from "./tool-set";

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

/** Finds a set's commands or makes them. @returns the file of the first command */
export async function provide(
  set: ToolSet,
  say: Say,
  target: Partial<System> = {},
): Promise<string> {
  const [file = ""] = await provideAll([set], say, target);
  return file;
}

/**
 * Finds the commands of sets or makes them: PATH, then what an earlier start made, then the official download, then Go modules.
 * All that is there or can be downloaded is had before the first one is compiled.
 * @param target system they are for; those for another one than this are not put on PATH. @default this one
 * @returns the file of each set's first command
 */
export async function provideAll(
  sets: readonly ToolSet[],
  say: Say,
  target: Partial<System> = {},
): Promise<string[]> {
  const wanted = { ...system, ...target };
  const found: Found[] = [];
  for (const set of sets) found.push(await find(set, say, wanted));
  const toCompile = found.filter((it): it is ToCompile => "why" in it);
  if (toCompile.length > 0) await afterOthers(() => compileAll(toCompile, say, wanted));
  return found.map(({ file }) => file);
}

/** A set, and the file of its first command. */
interface Provided {
  set: ToolSet;
  file: string;
}
/** Why a set is compiled: it has no official download, or the download from a host failed. */
export interface Why {
  text: string;
  host?: string;
}
/** A set that was not found, the folder that its commands belong in, and why they must be compiled. */
interface ToCompile extends Provided {
  kept: string;
  why: Why;
}
type Found = Provided | ToCompile;

/** Sets that this process has said the origin of. */
const said = new Set<string>();

function tell(set: ToolSet, how: string): void {
  if (said.has(set.name)) return;
  said.add(set.name);
  note(`  ${set.name} ${set.version}: ${how}`);
}

const isOwn = ({ os, arch }: System) => os === system.os && arch === system.arch;

async function find(set: ToolSet, say: Say, target: System): Promise<Found> {
  const own = isOwn(target);
  const other = own ? "" : `-${target.os}-${target.arch}`;
  const whole = inFolder("tools", `${set.name}-${set.version}${other}`);
  const { without } = set.module;
  const compiled = without ? `${whole}-without-${without.what}` : whole;
  const first = set.commands[0] ?? "";
  if (own && (await acceptedOnPath(set))) {
    for (const command of set.commands) rmSync(path.join(toolPath, command), { force: true });
    const file = onPath(first) ?? first;
    if (!said.has(set.name)) note(`  ${set.name}: from PATH (${file})`);
    said.add(set.name);
    return { set, file };
  }
  const { kept, why } = await inTurn(path.basename(whole), async () => {
    for (const kept of [whole, compiled]) {
      const earlier = originOf(kept);
      if (earlier === undefined) continue;
      tell(set, `${earlier} earlier`);
      return { kept };
    }
    mkdirSync(whole, { recursive: true });
    const why = await fetchSet(set, whole, say, target);
    if (why !== undefined) return { kept: compiled, why };
    finish(set, whole, "official download, checksum verified");
    return { kept: whole };
  });
  const there = { set, file: path.join(kept, first) };
  if (why !== undefined) return { ...there, kept, why };
  if (own) for (const command of set.commands) linkTool(command, kept);
  return there;
}

/** Where a set that was finished has come from. */
const originOf = (kept: string) => readIfThere(path.join(kept, "source"));

function finish(set: ToolSet, kept: string, how: string): void {
  writeWhole(path.join(kept, "source"), how);
  tell(set, how);
}

/** Why sets are compiled, in words: each host once, and how many have nothing to download. */
export function reasonsIn(whys: readonly Why[]): string {
  const list = new Intl.ListFormat("en-GB");
  const hosts = [...new Set(whys.flatMap(({ host }) => host ?? []))].sort();
  const others = whys.filter(({ host }) => host === undefined).length;
  const one = others === 1 ? "1 of them has" : `${others} of them have`;
  return list.format([
    ...(hosts.length > 0 ? [`downloads from ${list.format(hosts)} fail`] : []),
    ...(others === 0
      ? []
      : [others === whys.length ? "there is no official download" : `${one} no official download`]),
  ]);
}

/** Compiles sets one after the other, and says beforehand why and how long it takes. */
async function compileAll(sets: readonly ToCompile[], say: Say, target: System): Promise<void> {
  const commands = sets.flatMap(({ set }) => set.commands).join(", ");
  const reasons = reasonsIn(sets.map(({ why }) => why));
  if (onPath("go") === undefined) {
    throw new Fault(
      `These commands are missing: ${commands}. They cannot be downloaded, because ${reasons}, and there is no Go to compile them. Install Go 1.26 or newer, or the commands themselves, and run the command again.`,
    );
  }
  const seconds = (of: readonly ToCompile[]) =>
    of.reduce((sum, { set }) => sum + set.compileSeconds, 0);
  const whole = seconds(sets);
  const processors = availableParallelism();
  const expected = (whole * 1000) / processors;
  const count = sets.length === 1 ? "1 tool is" : `${sets.length} tools are`;
  note(
    `  ${count} compiled, because ${reasons}. That happens once and takes ${inMinutes(expected)} on ${processors} processors, less if Go's cache has parts.`,
  );
  const since = Date.now();
  for (const [index, { set, kept, why }] of sets.entries()) {
    const before = seconds(sets.slice(0, index));
    const title = `compiling ${set.name}, tool ${index + 1} of ${sets.length}`;
    await inTurn(path.basename(kept), async () => {
      const earlier = originOf(kept);
      if (earlier !== undefined) return tell(set, `${earlier} earlier`);
      say(`${title}: fetching Go modules`);
      mkdirSync(kept, { recursive: true });
      await compile(set.module, kept, target, ({ done, most, part }) => {
        const ofAll = (before + set.compileSeconds * part) / whole;
        const left = inMinutes(timeLeft(expected, ofAll, Date.now() - since));
        say(`${title}: ${done} of at most ${most} packages, ${left} left`);
      });
      const { without } = set.module;
      const but = without ? ` without ${without.what}` : "";
      finish(set, kept, `compiled from Go modules${but} (${why.text})`);
    });
    if (isOwn(target)) for (const command of set.commands) linkTool(command, kept);
  }
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

/** Downloads the commands of a set. @returns why that cannot be done, where it cannot */
async function fetchSet(
  set: ToolSet,
  kept: string,
  say: Say,
  target: System,
): Promise<Why | undefined> {
  if (!set.download) return { text: "there is no official download" };
  try {
    for (const command of set.commands) {
      await fetchCommand(command, set.download(command, target), kept, say);
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    return { text: error.message, host: error.host };
  }
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
