import { mock } from "node:test";
import { commandLine } from "../../cli/main";

/** What ends a command early, in place of this process. */
class Exit extends Error {
  constructor(readonly code: number | string | null | undefined) {
    super(`exit ${code}`);
  }
}

/** Calls a command of the command line in this process, with some variables and in a folder, and tells what it said. */
export async function command(
  words: readonly string[],
  variables: NodeJS.ProcessEnv,
  folder = process.cwd(),
) {
  const said = { stdout: "", stderr: "" };
  const listening = process.listeners("SIGINT");
  const { env, exitCode } = process;
  const cwd = process.cwd();
  for (const name of ["stdout", "stderr"] as const) {
    mock.method(process[name], "write", (text: string | Uint8Array, done?: unknown) => {
      said[name] += String(text);
      if (typeof done === "function") process.nextTick(done);
      return true;
    });
  }
  mock.method(process, "exit", (code: Exit["code"]) => {
    throw new Exit(code);
  });
  process.env = { ...env, ...variables };
  process.chdir(folder);
  try {
    await commandLine().parseAsync(words, { from: "user" });
    return { ...said, code: process.exitCode };
  } catch (thrown) {
    if (thrown instanceof Exit) return { ...said, code: thrown.code };
    throw thrown;
  } finally {
    mock.restoreAll();
    process.chdir(cwd);
    Object.assign(process, { env, exitCode });
    for (const listener of process.listeners("SIGINT")) {
      if (!listening.includes(listener)) process.off("SIGINT", listener);
    }
  }
}
