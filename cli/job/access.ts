import { existsSync } from "node:fs";
import { secretsOf } from "../secrets";
import { Fault, sentenceFor } from "../../process/fault";
import { inFolder } from "../../local/folder";
import { pulumiEnv } from "../../local/pulumi";
import { run, type RunResult } from "../../process/run";
import { askerOf, type Ask } from "../../rollouts/ask";
import { maskOf, type Mask } from "../../rollouts/mask";

/** Where the jobs of a stack run. */
export interface Access {
  /** Asks the cluster. */
  ask: Ask;
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

/** The access to a stack's cluster. */
export async function accessTo({ stack, kubeconfig }: Which): Promise<Access> {
  if (kubeconfig !== undefined) {
    return { ask: await asker(await textOf(kubeconfig), kubeconfig), stack };
  }
  const name = stack ?? (await selectedStack());
  return { ask: await asker(await kubeconfigOf(name), `of ${name}`), stack: name };
}

async function asker(text: string, from: string): Promise<Ask> {
  try {
    return await askerOf(text);
  } catch (error) {
    throw new Fault(`The kubeconfig ${from} cannot be used: ${messageOf(error)}.`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
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

/** What a kubeconfig says, with the paths in it seen from here. */
async function textOf(file: string): Promise<string> {
  if (!existsSync(file)) {
    throw new Fault(`There is no kubeconfig ${file}: correct --kubeconfig.`);
  }
  // Loading it takes longer than the command does with the kubeconfig of a stack.
  const { readKubeconfig } = await import("../../components/cluster/kubeconfig.js");
  try {
    return readKubeconfig({ kubeconfig: file });
  } catch (error) {
    throw new Fault(messageOf(error));
  }
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
