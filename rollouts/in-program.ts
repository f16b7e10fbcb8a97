import * as pulumi from "@pulumi/pulumi";
import type { Rollout } from "../components/workload/rollout";
import { clusterOf } from "./cluster";
import { give, handOverVariable, type HandOver } from "./hand-over";
import { maskOf, type Mask } from "./mask";
import { linesOf, withoutSecrets, type Problem } from "./problem";
import { watch, type Listener } from "./watch";

/**
 * Tells what becomes of services, and of jobs that start, while `pulumi up` waits for them. It ends no `up`, and none waits for it: where the cluster
 * cannot be asked, nothing is told. The secrets are masked in what is told.
 */
export function watchRollouts(
  kubeconfig: pulumi.Output<string>,
  rollouts: readonly Rollout[],
  secrets: pulumi.Input<string[]>,
): void {
  if (pulumi.runtime.isDryRun() || rollouts.length === 0) return;
  const ended = new Set<string>();
  for (const { name, object } of rollouts) object.id.apply(() => ended.add(name));
  const workloads = rollouts.map(({ kind, name, namespace, placement }) => ({
    ...{ kind, name, namespace, placement },
  }));
  pulumi.all([kubeconfig, workloads, secrets]).apply(([text, known, values]) => {
    const what = { kubeconfig: text, workloads: known };
    const folder = process.env[handOverVariable];
    if (folder) give(folder, what);
    else void follow(what, rollouts, ended, maskOf(values)).catch(() => undefined);
  });
}

async function follow(
  { kubeconfig, workloads }: HandOver,
  rollouts: readonly Rollout[],
  ended: ReadonlySet<string>,
  mask: Mask,
): Promise<void> {
  const since = new Date();
  const targets = workloads.map((one) => ({ ...one, older: false }));
  const resourceOf = (name: string) => rollouts.find((one) => one.name === name)?.owner;
  const listener: Listener = {
    state: ({ name }, state) => say(mask(state), resourceOf(name)),
    problem: ({ name }, problem) => warn(name, withoutSecrets(problem, mask), resourceOf(name)),
  };
  const cluster = await clusterOf(kubeconfig);
  // What is still on its way; without any there is nothing to ask.
  watch(cluster, () => targets.filter(({ name }) => !ended.has(name)), listener, { since });
}

function say(line: string, resource: pulumi.Resource | undefined): void {
  pulumi.log.info(line, resource, undefined, true).catch(() => undefined);
}

function warn(name: string, problem: Problem, resource: pulumi.Resource | undefined): void {
  const lines = linesOf(name, problem);
  // Until its end the engine shows the first line of the last message alone, so each line is one; the whole stays in its summary.
  for (const line of lines) say(line, resource);
  pulumi.log.warn(lines.join("\n"), resource).catch(() => undefined);
}
