import { z } from "zod";
import { checkout } from "../local/folder";
import { pulumiTools } from "../local/tool-list";
import { provide, toolPath } from "../local/tools";
import { Fault } from "../process/fault";
import { run, type RunOptions, type RunResult } from "../process/run";

/** Runs pulumi with arguments; a failure is a code other than 0. */
export type Run = (args: string[], options?: RunOptions) => Promise<RunResult>;

/** Finds or makes the engine, in the version that the program needs. */
export async function provideEngine(): Promise<void> {
  await provide(pulumiTools, (detail) => process.stderr.write(`${detail}\n`));
}

/** Runs pulumi with the caller's own login, state and cloud credentials. */
export const pulumi: Run = (args, options = {}) =>
  run("pulumi", ["--non-interactive", ...args], {
    cwd: checkout,
    mayFail: true,
    ...options,
    env: { ...process.env, ...options.env, PATH: [toolPath, process.env.PATH].join(":") },
  });

/** Asks for the kubeconfig in a stack's state. */
export const kubeconfigOf = (stack: string, run: Run) =>
  run(["stack", "output", "kubeconfig", "--show-secrets", "--stack", stack]);

/** What pulumi said on standard error, with the next step where the backend has no such stack. */
export function saidOf(stderr: string): string {
  const said = stderr.trim().replace(/^error: /, "");
  const [, stack] = /^no stack named '(.+)' found$/m.exec(said) ?? [];
  if (stack === undefined) return said;
  return [
    said,
    "    do:  if it exists in another backend, log in there: pulumi login <backend>.",
    `         If it is new, run pulumi stack init ${stack}. That sorts the keys of Pulumi.${stack}.yaml and deletes its comments: keep a copy.`,
  ].join("\n");
}

const config = z.record(
  z.string(),
  z.object({ value: z.string().optional(), secret: z.boolean().optional() }),
);

/** The values of all secrets in a stack's configuration, to be looked for and never shown. */
export async function secretsOf(stack: string, run: Run): Promise<string[]> {
  const args = ["config", "--json", "--show-secrets", "--stack", stack];
  const { code, stdout, stderr } = await run(args);
  if (code !== 0) throw new Fault(`The secrets of ${stack} cannot be read: ${saidOf(stderr)}`);
  return Object.values(config.parse(JSON.parse(stdout))).flatMap(({ value, secret }) =>
    secret && value !== undefined ? [value] : [],
  );
}
