import { existsSync, readdirSync, readlinkSync, realpathSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { errorCode } from "../process/fault";

/** Numbers of all processes, where the system lists them. */
export function processes(): number[] {
  if (!existsSync("/proc/self/exe")) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Processes that run a program of this folder. */
export function processesOf(folder: string): number[] {
  if (!existsSync(folder)) return [];
  const within = path.join(realpathSync(folder), path.sep);
  return processes().filter((pid) => program(pid)?.startsWith(within));
}

/** The file that a process runs; the kernel's own, and those that have ended, have none. */
function program(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return undefined;
  }
}

/**
 * Ends the processes that run a program of this folder. A pulumi that was killed leaves its providers, which never notice.
 * @param patience milliseconds between the request to end and the end by force. @default 5000
 */
export async function endProcessesOf(folder: string, patience = 5000): Promise<void> {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    for (const pid of processesOf(folder)) tell(pid, signal);
    const end = Date.now() + patience;
    while (processesOf(folder).length > 0 && Date.now() < end) await sleep(50);
  }
}

function tell(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It has ended since.
    if (errorCode(error) !== "ESRCH") throw error;
  }
}
