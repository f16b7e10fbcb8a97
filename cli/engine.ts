import { checkout } from "../local/folder";
import { pulumiTools } from "../local/tool-list";
import { provide, toolPath } from "../local/tools";
import { run, type RunOptions, type RunResult } from "../process/run";

/** Finds or makes the engine, in the version that the program needs. */
export async function provideEngine(): Promise<void> {
  await provide(pulumiTools, (detail) => process.stderr.write(`${detail}\n`));
}

/** Runs pulumi with the caller's own login, state and cloud credentials. */
export const pulumi = (args: string[], options: RunOptions = {}): Promise<RunResult> =>
  run("pulumi", ["--non-interactive", ...args], {
    cwd: checkout,
    mayFail: true,
    ...options,
    env: { ...process.env, ...options.env, PATH: [toolPath, process.env.PATH].join(":") },
  });
