import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { secretsOf } from "../secrets";
import { Fault, sentenceFor } from "../../process/fault";
import { inFolder } from "../../local/folder";
import { pulumiEnv } from "../../local/pulumi";
import { run, type RunResult } from "../../process/run";
import { toolPath } from "../../local/tools";
import { maskOf, type Mask } from "../../rollouts/mask";

/** Where the jobs of a stack run. */
export interface Access {
  /** Arguments of every kubectl command: whose cluster it is. */
  kubectlArgs: string[];
  /** Environment in which kubectl is found. */
  env: NodeJS.ProcessEnv;
  /** Name of the stack, where one was named or selected. */
  stack?: string;
}

/** Which stack is meant. */
export interface Which {
  /** Name of the stack. @default the selected one */
  stack?: string;
  /** Kubeconfig of its cluster. @default the stack's output */
  kubeconfig?: string;
}

/** Hands the access to a stack's cluster to some work; what it needs of the kubeconfig lies on the disk until then. */
export async function withAccess<T>(which: Which, work: (to: Access) => Promise<T>): Promise<T> {
  const env = { ...process.env, PATH: [process.env.PATH, toolPath].join(":") };
  if (which.kubeconfig !== undefined) {
    if (!existsSync(which.kubeconfig)) {
      throw new Fault(`There is no kubeconfig ${which.kubeconfig}: correct --kubeconfig.`);
    }
    return work({ kubectlArgs: ["--kubeconfig", which.kubeconfig], env, stack: which.stack });
  }
  const stack = which.stack ?? (await selectedStack());
  const folder = mkdtempSync(join(tmpdir(), "gpu-serving-job-"));
  const clear = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", clear);
  try {
    const kubeconfig = join(folder, "kubeconfig");
    writeFileSync(kubeconfig, await kubeconfigOf(stack), { mode: 0o600 });
    return await work({ kubectlArgs: ["--kubeconfig", kubeconfig], env, stack });
  } finally {
    process.off("exit", clear);
    clear();
  }
}

/** A mask for the secrets of the stack; without a stack that can be asked nothing is masked, and that is said. */
export async function maskFor({ stack }: Access, say: (text: string) => void): Promise<Mask> {
  try {
    if (stack === undefined) throw new Fault("name the job's stack with --stack.");
    return maskOf(await secretsOf(stack, (args) => pulumi(args, environmentOf(stack))));
  } catch (error) {
    say(`Secrets in the log are not masked: ${sentenceFor(error)}`);
    return maskOf([]);
  }
}

/** Runs kubectl; a failure is a fault with what it said. */
export async function kubectl(
  { kubectlArgs, env }: Access,
  args: string[],
  input?: string,
): Promise<RunResult> {
  const result = await run("kubectl", [...kubectlArgs, ...args], { env, input, mayFail: true });
  if (result.code === 0) return result;
  if (result.code === 127) {
    throw new Fault(
      "kubectl is not installed: get it from https://kubernetes.io/docs/tasks/tools, and run the command again.",
    );
  }
  throw new Fault(`kubectl ${args.join(" ")} failed:\n  ${result.stderr.trim()}`);
}

/** What kubectl answers as JSON, checked. */
export async function ask<Shape extends z.ZodType>(
  to: Access,
  shape: Shape,
  args: string[],
  input?: string,
): Promise<z.output<Shape>> {
  return shape.parse(JSON.parse((await kubectl(to, [...args, "--output=json"], input)).stdout));
}

/** Stacks of the cluster on this machine have a state of their own. */
function environmentOf(stack: string): NodeJS.ProcessEnv {
  const local = inFolder("pulumi", "state", ".pulumi", "stacks", "gpu-serving", `${stack}.json`);
  return existsSync(local) ? pulumiEnv() : process.env;
}

async function kubeconfigOf(stack: string): Promise<string> {
  const args = ["stack", "output", "kubeconfig", "--show-secrets", "--stack", stack];
  const { code, stdout, stderr } = await pulumi(args, environmentOf(stack));
  if (code === 0) return stdout;
  throw new Fault(
    `The stack ${stack} does not say how to reach its cluster: run pulumi up on it first, or name a kubeconfig with --kubeconfig.\nIt said: ${lastLine(stderr)}`,
  );
}

async function selectedStack(): Promise<string> {
  const { code, stdout } = await pulumi(["stack", "--show-name"], process.env);
  if (code === 0) return stdout.trim();
  throw new Fault(
    "Which stack? Name it with --stack, such as --stack prod, or select one: pulumi stack select prod.",
  );
}

async function pulumi(args: string[], env: NodeJS.ProcessEnv): Promise<RunResult> {
  const result = await run("pulumi", ["--non-interactive", ...args], { env, mayFail: true });
  if (result.code !== 127) return result;
  throw new Fault(
    "pulumi is not installed: get it from https://www.pulumi.com/docs/install, or name a kubeconfig with --kubeconfig.",
  );
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "nothing";
}
