import { commandLine } from "../../cli/main";

/** What ends a command early, in place of this process. */
class Exit extends Error {
  constructor(readonly code: number | string | null | undefined) {
    super(`exit ${code}`);
  }
}

/** Calls a command of the command line in this process, with some variables of the environment, and tells what it said. */
export async function command(words: readonly string[], variables: Record<string, string>) {
  const said = { stdout: "", stderr: "" };
  const writes = { stdout: process.stdout.write, stderr: process.stderr.write };
  const listening = process.listeners("SIGINT");
  const { env, exit, exitCode } = process;
  for (const name of ["stdout", "stderr"] as const) {
    process[name].write = (text: string | Uint8Array, ...more: unknown[]) => {
      said[name] += String(text);
      for (const done of more) if (typeof done === "function") done();
      return true;
    };
  }
  process.env = { ...env, ...variables };
  process.exit = (code) => {
    throw new Exit(code);
  };
  try {
    await commandLine().parseAsync(words, { from: "user" });
    return { ...said, code: process.exitCode };
  } catch (thrown) {
    if (thrown instanceof Exit) return { ...said, code: thrown.code };
    throw thrown;
  } finally {
    Object.assign(process, { env, exit, exitCode });
    for (const name of ["stdout", "stderr"] as const) process[name].write = writes[name];
    for (const listener of process.listeners("SIGINT")) {
      if (!listening.includes(listener)) process.off("SIGINT", listener);
    }
  }
}
