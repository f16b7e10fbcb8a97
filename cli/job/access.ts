import { existsSync } from "node:fs";
import { inFolder } from "../../local/folder";
import { pulumiEnv } from "../../local/pulumi";
import { Fault, sentenceFor } from "../../process/fault";
import { run } from "../../process/run";
import { askerOf, type Ask } from "../../rollouts/ask";
import { maskOf, type Mask } from "../../rollouts/mask";
import { kubeconfigOf, saidOf, secretsOf, type Run } from "../engine";

/** Where the jobs of a stack run. */
export interface Access {
  /** Asks the cluster. */
  ask: Ask;
  /** Name of the stack, where one was named or selected. */
  stack?: string;
}

/**
 * The access to a stack's cluster.
 * @param stack its name. @default the selected one
 * @param file kubeconfig of its cluster. @default the stack's output
 */
export async function accessTo(stack?: string, file?: string): Promise<Access> {
  if (file !== undefined) return { ask: await asker(await textOf(file), file), stack };
  const name = stack ?? (await selectedStack());
  const { code, stdout, stderr } = await kubeconfigOf(name, engineFor(name));
  if (code === 0) return { ask: await asker(stdout, `of ${name}`), stack: name };
  throw new Fault(
    `The stack ${name} does not say how to reach its cluster: run pulumi up on it first, or name a kubeconfig with --kubeconfig.\nIt said: ${saidOf(stderr.trim().split("\n").at(-1) ?? "")}`,
  );
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
    return maskOf(await secretsOf(stack, engineFor(stack)));
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

async function selectedStack(): Promise<string> {
  const { code, stdout } = await pulumi(process.env)(["stack", "--show-name"]);
  if (code === 0) return stdout.trim();
  throw new Fault(
    "Which stack? Name it with --stack, such as --stack prod, or select one: pulumi stack select prod.",
  );
}

/** Stacks of the cluster on this machine have a state of their own. */
function engineFor(stack: string): Run {
  const local = inFolder("pulumi", "state", ".pulumi", "stacks", "gpu-serving", `${stack}.json`);
  return pulumi(existsSync(local) ? pulumiEnv() : process.env);
}

/** The pulumi on PATH: what it is asked for is not worth a download. */
function pulumi(env: NodeJS.ProcessEnv): Run {
  return async (args) => {
    const result = await run("pulumi", ["--non-interactive", ...args], { env, mayFail: true });
    if (result.code !== 127) return result;
    throw new Fault(
      "pulumi is not installed: get it from https://www.pulumi.com/docs/install, or name a kubeconfig with --kubeconfig.",
    );
  };
}
