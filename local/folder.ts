import {
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
  closeSync,
  linkSync,
} from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Fault } from "./fault";

/** The checkout this file belongs to. */
export const checkout = path.resolve(__dirname, "..");

/** The one folder that holds all that the local commands make. */
export const folder = path.join(checkout, ".local");

/** A path inside the folder, e.g. `inFolder("bin", "kubectl")`. */
export const inFolder = (...parts: string[]) => path.join(folder, ...parts);

/** Writes a file so that it is there whole or not at all, and makes its folder. */
export function writeWhole(file: string, content: string, mode = 0o600): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, content, { mode });
  renameSync(`${file}.new`, file);
}

/** A file's text, or undefined when there is no such file. */
export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

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
export async function alone<T>(work: () => Promise<T>, file = inFolder("lock")): Promise<T> {
  mkdirSync(path.dirname(file), { recursive: true });
  const mine = `${file}.${process.pid}`;
  const descriptor = openSync(mine, "w");
  writeSync(descriptor, identity(process.pid) ?? `${process.pid}`);
  closeSync(descriptor);
  const patience = Date.now() + 2000;
  try {
    for (;;) {
      try {
        // A link either takes the lock with its content or fails: no moment with an empty lock file.
        linkSync(mine, file);
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
        const holder = readIfThere(file);
        const pid = Number(holder?.split(" ")[0]);
        if (holder !== undefined && identity(pid) === holder) {
          // A process that was killed a moment ago may not have ended yet.
          if (Date.now() < patience) {
            await sleep(100);
            continue;
          }
          throw new Fault(
            `Another npm start or npm stop of this checkout is running (process ${pid}): wait for it, or end it with \`kill ${pid}\`, then run the command again.`,
          );
        }
        rmSync(file, { force: true });
      }
    }
    const release = () => rmSync(file, { force: true });
    process.once("exit", release);
    try {
      return await work();
    } finally {
      process.off("exit", release);
      release();
    }
  } finally {
    rmSync(mine, { force: true });
  }
}
