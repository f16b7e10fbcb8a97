import { spawn } from "node:child_process";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { Fault } from "./fault";
import { limitTime } from "./time-limit";

/** How a child process is run. */
export interface RunOptions {
  /** Working directory. @default the current one */
  cwd?: string;
  /** The whole environment. @default this process's */
  env?: NodeJS.ProcessEnv;
  /** Text for standard input. @default none */
  input?: string;
  /** File for standard input, in place of `input`. */
  inputFile?: string;
  /** Called with each line of standard output and standard error as it comes. */
  onLine?: (line: string) => void;
  /** Exit codes other than 0 are answers, not faults. @default false */
  mayFail?: boolean;
  /** Milliseconds after which the command is ended, with all that it started. @default none */
  timeout?: number;
  /** Asks the child to end, with SIGINT, when it is aborted. @default nothing does */
  interrupt?: AbortSignal;
  /** Signal the child gets when this process dies, however it dies (Linux). @default none */
  diesWithParent?: "TERM" | "KILL";
}

/** What a child process answered. */
export interface RunResult {
  /** Exit code; 128 and more for a signal, 127 when the command does not exist, 126 when it may not be run, 124 when its time was over. */
  code: number;
  /** All of standard output. */
  stdout: string;
  /** All of standard error. */
  stderr: string;
}

/** Runs a command without a shell; a failure is a fault with the last lines the command said. */
export async function run(
  command: string,
  args: string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const {
    cwd,
    env = process.env,
    input,
    inputFile,
    onLine,
    mayFail = false,
    timeout,
    interrupt,
    diesWithParent,
  } = options;
  const argv = [command, ...args];
  if (diesWithParent !== undefined && process.platform === "linux")
    argv.unshift("setpriv", "--pdeathsig", diesWithParent);
  const wantsInput = input !== undefined || inputFile !== undefined;
  const child = spawn(argv[0] ?? command, argv.slice(1), {
    cwd,
    env,
    // Its time limit holds for its whole process group.
    detached: timeout !== undefined,
    stdio: [wantsInput ? "pipe" : "ignore", "pipe", "pipe"],
  });
  const said: Record<"stdout" | "stderr", string> = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.on("data", (bytes: Buffer) => (said[name] += bytes.toString()));
    const stream = child[name];
    if (onLine && stream) createInterface({ input: stream }).on("line", onLine);
  }
  let late = false;
  if (timeout !== undefined) limitTime(child, timeout, () => (late = true));
  interrupt?.addEventListener("abort", () => child.kill("SIGINT"), { once: true });
  // A child that ends before it has read everything is judged by its exit code.
  child.stdin?.on("error", () => undefined);
  if (inputFile !== undefined && child.stdin) createReadStream(inputFile).pipe(child.stdin);
  else child.stdin?.end(input);
  const code = await new Promise<number>((resolve, reject) => {
    child.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EACCES") {
        said.stderr = `${command}: permission denied`;
        return resolve(126);
      }
      if (error.code !== "ENOENT") return reject(error);
      said.stderr = `${command}: command not found`;
      resolve(127);
    });
    child.on("close", (status, signal) => {
      if (!late) return resolve(status ?? (signal ? 130 : 1));
      said.stderr += `${command}: ended, because it took longer than ${(timeout ?? 0) / 1000} s\n`;
      resolve(124);
    });
  });
  if (code !== 0 && !mayFail)
    throw new Fault(failure(command, args, code, said.stderr || said.stdout));
  return { code, ...said };
}

function failure(command: string, args: string[], code: number, said: string): string {
  const shown = [command, ...args].join(" ");
  const last = said.trimEnd().split("\n").slice(-15).join("\n  ");
  if (/no space left on device/i.test(said)) {
    return `The disk is full: ${shown.slice(0, 120)} could not write. Free some space (the first start needs about 10 GB) and run the command again.`;
  }
  return `${shown.slice(0, 300)} failed with exit code ${code}:\n  ${last}`;
}
