import { NoAnswer } from "../rollouts/ask";
import type { Cluster, Workload } from "../rollouts/cluster";
import type { HandOver } from "../rollouts/hand-over";
import { watch, type Target } from "../rollouts/watch";
import { answered } from "./answered";
import type { Screen } from "./screen";

/** How it is looked. */
export interface Look {
  /** Milliseconds between two looks. @default 2000 */
  interval?: number;
  /** Milliseconds after which a workload that still rolls has failed. @default 15 minutes, and the longest wait for a node */
  longest?: number;
  /** Milliseconds for which a cluster that does not list its workloads is asked again. @default 5 minutes */
  patience?: number;
}

/**
 * Whether all workloads of a stack run their newest version: Pulumi's provider can take a Deployment for updated that is not. Waits
 * for those that still roll; tells each that failed. Throws a {@link NoAnswer} where the cluster does not say which there are.
 * @returns names of those that failed
 */
export async function failedWorkloads(
  stack: string,
  cluster: Cluster,
  { workloads: known }: HandOver,
  screen: Screen,
  { interval = 2000, longest, patience = 5 * 60_000 }: Look = {},
): Promise<string[]> {
  const list = () => workloadsOf(stack, cluster, known);
  const workloads = await answered(list, { interval, patience }, (why) =>
    screen.say(`The cluster does not list the workloads yet: ${why}.`),
  );
  const placementOf = ({ name, namespace }: Workload) =>
    known.find((own) => own.name === name && own.namespace === namespace)?.placement ?? 0;
  // No list has them where no controller is installed that they are of.
  const groups = known.filter(({ kind }) => kind === "LeaderWorkerSet");
  const targets = [...workloads, ...groups].map(({ kind, name, namespace }): Target => ({
    ...{ kind, name, namespace, older: true },
    placement: placementOf({ kind, name, namespace }),
  }));
  const open = new Set(targets.map(nameOf));
  const failed: string[] = [];
  if (open.size === 0) return failed;
  const placement = Math.max(...targets.map(({ placement }) => placement * 1000));
  await new Promise<void>((resolve) => {
    const settle = (name: string) => {
      open.delete(name);
      if (open.size === 0) finish();
    };
    const fail = (name: string, why: string) => {
      failed.push(name);
      screen.say(`${name}: ${why}`);
      settle(name);
    };
    const watching = watch(
      cluster,
      () => targets.filter((target) => open.has(nameOf(target))),
      {
        state: (target, state) => {
          // One that is in place is worth no line.
          if (!/^(\d+) of \1 ready$/.test(state)) screen.state(nameOf(target), state);
        },
        done: (target) => settle(nameOf(target)),
        problem: (target, problem) => {
          failed.push(nameOf(target));
          screen.problem(nameOf(target), problem);
          settle(nameOf(target));
        },
        gone: (target) => fail(nameOf(target), "it was deleted while its rollout was watched."),
        blind: (why) => {
          screen.say(`The workloads cannot be looked at: ${why}.`);
          finish();
        },
      },
      { interval },
    );
    // Keeps the process alive, which the watch does not.
    const timer = setTimeout(
      () => open.forEach((name) => fail(name, "its newest version is not in place yet.")),
      longest ?? 15 * 60_000 + placement,
    );
    function finish() {
      clearTimeout(timer);
      watching.stop();
      resolve();
    }
  });
  return failed;
}

/** Who may not look at all namespaces looks at those of its workloads. */
async function workloadsOf(
  stack: string,
  cluster: Cluster,
  known: HandOver["workloads"],
): Promise<Workload[]> {
  const label = `gpu-serving/stack=${stack}`;
  try {
    return await cluster.labelled(label);
  } catch (error) {
    if (!(error instanceof NoAnswer && error.refused)) throw error;
    return cluster.labelled(label, [...new Set(known.map(({ namespace }) => namespace))]);
  }
}

/** A workload as people call it. */
export function nameOf({ namespace, name }: Pick<Workload, "namespace" | "name">): string {
  return `${namespace}/${name}`;
}
