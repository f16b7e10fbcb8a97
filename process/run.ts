import { spawn, type ChildProcess } from "node:child_process";
import { createReadStream, existsSync } from "node:fs";
import { Socket } from "node:net";
import { createInterface } from "node:readline";
import { errorCode, Fault } from "./fault";
import { limitTime } from "./time-limit";

/** Milliseconds that the outputs of a command with a time limit may stay open after its end. */
const pipeGrace = 200;

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
  /** Exit code; 128 and more for a signal, 127 when the command does not exist (or its path leads through a file), 126 when it may not be run, 124 when its time was over. */
  code: number;
  /** All of standard output. */
  stdout: string;
  /** All of standard error. */
  stderr: string;
}

/** The exit code and the words of a shell for a command that is not there or may not be run. */
const asInShell: Record<string, { code: number; words: string }> = {
  EACCES: { code: 126, words: "permission denied" },
  ENOENT: { code: 127, words: "command not found" },
  ENOTDIR: { code: 127, words: "command not found" },
};

/** Runs a command without a shell; a failure is a fault with the last lines the command said. */
export async function run(
  command: string,
  args: string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const { cwd, env = process.env, input, inputFile, mayFail = false, timeout } = options;
  const { interrupt, diesWithParent } = options;
  const argv = [command, ...args];
  if (diesWithParent !== undefined && process.platform === "linux")
    argv.unshift("setpriv", "--pdeathsig", diesWithParent);
  const wantsInput = input !== undefined || inputFile !== undefined;
  const said = { stdout: "", stderr: "" };
  const code = await new Promise<number>((resolve, reject) => {
    const notStarted = (error: unknown) => {
      const noFolder = cwd !== undefined && !existsSync(cwd);
      const known = noFolder ? undefined : asInShell[errorCode(error) ?? ""];
      const why = noFolder
        ? ` in ${cwd}: no such folder`
        : `: ${error instanceof Error ? error.message : String(error)}`;
      if (!known) return reject(new Fault(`${command} cannot be started${why}.`));
      said.stderr = `${command}: ${known.words}`;
      resolve(known.code);
    };
    try {
      const child = spawn(argv[0] ?? command, argv.slice(1), {
        cwd,
        env,
        // Its time limit holds for its whole process group.
        detached: timeout !== undefined,
        stdio: [wantsInput ? "pipe" : "ignore", "pipe", "pipe"],
      });
      child.on("error", notStarted);
      interrupt?.addEventListener("abort", () => child.kill("SIGINT"), { once: true });
      // A child that ends before it has read everything is judged by its exit code.
      child.stdin?.on("error", () => undefined);
      if (inputFile !== undefined && child.stdin) createReadStream(inputFile).pipe(child.stdin);
      else child.stdin?.end(input);
      follow(child, said, options, (status, late) => {
        if (late)
          said.stderr += `${command}: ${late} took longer than ${(timeout ?? 0) / 1000} s\n`;
        resolve(status);
      });
    } catch (error) {
      notStarted(error);
    }
  });
  if (code !== 0 && !mayFail)
    throw new Fault(failure(command, args, code, said.stderr || said.stdout));
  return { code, ...said };
}

/** Gathers what a child says until its end, with its exit code, and where its time was over what became of it. */
function follow(
  child: ChildProcess,
  said: Pick<RunResult, "stdout" | "stderr">,
  { onLine, timeout }: RunOptions,
  ended: (code: number, late?: string) => void,
): void {
  let over = false;
  let heard = false;
  for (const name of ["stdout", "stderr"] as const) {
    const stream = child[name];
    if (!stream) continue;
    stream.on("data", (bytes: Buffer) => {
      heard = true;
      if (!over) said[name] += bytes.toString();
    });
    if (onLine) createInterface({ input: stream }).on("line", (line) => over || onLine(line));
  }
  const end = (code: number, late?: string) => {
    if (over) return;
    over = true;
    ended(code, late);
  };
  const codeOf = (status: number | null, signal: NodeJS.Signals | null) =>
    status ?? (signal ? 130 : 1);
  let late = false;
  child.on("close", (status, signal) =>
    late ? end(124, "ended, because it") : end(codeOf(status, signal)),
  );
  if (timeout === undefined) return;
  const limit = Date.now() + timeout;
  limitTime(child, timeout, {
    over: () => (late = true),
    stays: () => end(124, "could not be ended, though it"),
  });
  child.on("exit", (status, signal) => {
    if (late) return;
    // What it has left running may hold its outputs open for ever: they stay open, and nobody waits for them.
    const part = () => {
      if (over) return;
      if (heard && Date.now() < limit) return wait();
      for (const stream of [child.stdout, child.stderr])
        if (stream instanceof Socket) stream.unref();
      end(codeOf(status, signal));
    };
    const wait = () => {
      heard = false;
      // What lies in the outputs at that moment is read before the second step.
      setTimeout(() => setImmediate(part), pipeGrace);
    };
    wait();
  });
}

function failure(command: string, args: string[], code: number, said: string): string {
  const shown = [command, ...args].join(" ");
  const last = said.trimEnd().split("\n").slice(-15).join("\n  ");
  if (/no space left on device/i.test(said)) {
    return `The disk is full: ${shown.slice(0, 120)} could not write. Free some space (the first start needs about 10 GB) and run the command again.`;
  }
  return `${shown.slice(0, 300)} failed with exit code ${code}:\n  ${last}`;
}
