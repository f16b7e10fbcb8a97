import { linkSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { errorCode, Fault } from "../process/fault";
import { readIfThere } from "../process/files";

/** The checkout this file belongs to. */
export const checkout = path.resolve(__dirname, "..");

/** The one folder that holds all that the local commands make. */
export const folder = path.join(checkout, ".local");

/** A path inside the folder, e.g. `inFolder("bin", "kubectl")`. */
export const inFolder = (...parts: string[]) => path.join(folder, ...parts);

/** What tells a process from a later one with the same number: its start time, where the system says it. */
function identity(pid: number): string | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`);
  if (stat !== undefined) {
    const [, state, ...fields] = stat.slice(stat.lastIndexOf(")")).split(" ");
    // One that was killed stays listed until its parent, which may have been killed as well, is told.
    return state === "Z" || state === "X" ? undefined : `${pid} ${fields[18]}`;
  }
  if (process.platform === "linux") return undefined;
  try {
    process.kill(pid, 0);
    return `${pid}`;
  } catch {
    return undefined;
  }
}

/**
 * Runs `work` while no other start or stop of this checkout runs. A lock that a killed process left behind does not count.
 * @param file the lock; only tests give another. @default `.local/lock`
 */
export const alone = <T>(work: () => Promise<T>, file = inFolder("lock")): Promise<T> =>
  // A process that was killed a moment ago may not have ended yet.
  locked(work, file, 2000);

/** Runs `work` once nobody else of this checkout, in this process or another one, has the turn of this name. */
export const inTurn = <T>(name: string, work: () => Promise<T>): Promise<T> =>
  locked(work, inFolder("turns", name), Infinity);

let requests = 0;

async function locked<T>(work: () => Promise<T>, file: string, patience: number): Promise<T> {
  mkdirSync(path.dirname(file), { recursive: true });
  const mine = `${file}.${process.pid}-${requests++}`;
  writeFileSync(mine, identity(process.pid) ?? `${process.pid}`);
  try {
    await take(mine, file, Date.now() + patience);
  } finally {
    rmSync(mine, { force: true });
  }
  removeRequestsOfTheDead(file);
  const release = () => rmSync(file, { force: true });
  process.once("exit", release);
  try {
    return await work();
  } finally {
    process.off("exit", release);
    release();
  }
}

/** True while a process that lives holds this lock. */
export function isHeld(file: string): boolean {
  const holder = readIfThere(file);
  return holder !== undefined && isAlive(holder);
}

const isAlive = (holder: string) => identity(Number(holder.split(" ")[0])) === holder;

async function take(mine: string, file: string, end: number): Promise<void> {
  for (;;) {
    try {
      // A link either takes the lock with its content or fails: no moment with an empty lock file.
      return linkSync(mine, file);
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw error;
    }
    const holder = readIfThere(file);
    if (holder === undefined) continue;
    if (!isAlive(holder)) rmSync(file, { force: true });
    else if (Date.now() < end) await sleep(100);
    else {
      const [pid] = holder.split(" ");
      throw new Fault(
        `Another npm start or npm stop of this checkout is running (process ${pid}): wait for it, or end it with \`kill ${pid}\`, then run the command again.`,
      );
    }
  }
}

/** Those that were killed while they waited could not take their files along. */
function removeRequestsOfTheDead(file: string): void {
  const folder = path.dirname(file);
  for (const name of readdirSync(folder)) {
    const [, of] = /^(.+)\.\d+(-\d+)?$/.exec(name) ?? [];
    if (of !== path.basename(file)) continue;
    const request = readIfThere(path.join(folder, name));
    // An empty one is being written.
    if (request && !isAlive(request)) rmSync(path.join(folder, name), { force: true });
  }
}
