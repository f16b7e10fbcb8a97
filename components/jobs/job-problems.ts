import type { PlacedPool } from "../cluster/cluster";
import type { Problem } from "../problem";
import { numberProblems, type Bounds } from "../workload/bounds";
import { placementProblems } from "../workload/placement-problems";
import { programProblems } from "../workload/program-problems";
import { podProblems } from "../workload/pod-problems";
import { sidecarProblems } from "../workload/sidecar-problems";
import { volumesIn } from "../workload/volumes";
import type { WorkloadArgs } from "../workload/workload";
import { groupVariables, launcherFolder, longestName } from "./worker-variables";
import { ownVariables, portsOfWorkers } from "./worker-variables";

/** What every run of a job takes, whatever starts it. */
export interface JobRunArgs extends WorkloadArgs {
  /** Seconds a run may take from its creation to its end, 10 to 30 days. @default 1800 */
  timeout?: number;
  /** Times a pod that failed, of several workers all, is started again before the run counts as failed, 0 to 100. @default 0 */
  retries?: number;
  /** Pods that run together, 1 to 1000; several start and end together and find each other. @default 1 */
  workers?: number;
  /** Pods that must succeed, 1 to 10000, each told its number from 0 in `JOB_COMPLETION_INDEX` where there are several. @default 1 */
  completions?: number;
  /** Of them, pods that run at the same time, 1 to 1000. @default 1 */
  parallelism?: number;
}

/** Seconds a run may take where nothing else is said. */
export const defaultTimeout = 1800;

/** Annotations of a job's pods: autoscalers empty nodes to save money; what a job did until then would be lost. */
export const stayUntilTheEnd = {
  "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
  "karpenter.sh/do-not-disrupt": "true",
};

/** Whole numbers that the arguments of a job can be; times are in seconds. */
export const jobBounds = {
  timeout: [10, 30 * 86400],
  retries: [0, 100],
  workers: [1, 1000],
  completions: [1, 10_000],
  parallelism: [1, 1000],
} as const satisfies Record<string, Bounds>;

/** Whole numbers that the arguments of a schedule can be; times are in seconds. */
export const scheduleBounds = {
  startingDeadline: [10, 7 * 86400],
  history: [0, 100],
} as const satisfies Record<string, Bounds>;

/** The pool that a job's pods run on, and everything that is wrong with the job. */
export function jobProblems(
  name: string,
  args: JobRunArgs,
): { pool?: PlacedPool; problems: Problem[] } {
  const { gpus = 0, timeout = defaultTimeout, retries = 0, workers = 1, sidecars = {} } = args;
  const { completions = 1, parallelism = 1 } = args;
  const several = workers > 1 ? "workers" : parallelism > 1 ? "parallelism" : "gpus";
  const pods = { field: several, count: Math.max(workers, parallelism) };
  const { pool, problems } = placementProblems({ ...args, gpus }, pods, args.cluster.pools);
  const main = args.container ?? name;
  return {
    pool,
    problems: [
      ...numberProblems(["timeout"], timeout, jobBounds.timeout),
      ...numberProblems(["retries"], retries, jobBounds.retries),
      ...numberProblems(["workers"], workers, jobBounds.workers),
      ...numberProblems(["completions"], completions, jobBounds.completions),
      ...numberProblems(["parallelism"], parallelism, jobBounds.parallelism),
      ...completionProblems(name, { workers, completions, parallelism }),
      ...workerProblems(name, { ...args, workers }),
      ...programProblems(args),
      ...podProblems(args, {
        ...{ main, pool, volumes: volumesIn(args) },
        ...podsOfJob({ workers, completions }),
      }),
      ...sidecarProblems(sidecars, { main, ports: portsOfWorkers(workers) }),
      ...problems,
    ],
  };
}

/** What the pods of a job have that no argument says. */
export function podsOfJob({ workers, completions }: { workers: number; completions: number }) {
  return {
    job: { numbered: workers > 1 || completions > 1 },
    kept: { pods: stayUntilTheEnd },
    ...(workers > 1 && { variables: groupVariables, paths: [launcherFolder] }),
  };
}

/** Letters of an entry with several completions: a host name has 63, of which a run takes 11 and the number of a pod up to 5. */
const longestIndexed = 47;

/** A job's name that leaves no place for what its runs and pods add to it. */
function tooLong(name: string, longest: number, of: string, pods: string): Problem {
  return {
    ...{ path: ["name"], found: JSON.stringify(name), fix: "shorten it" },
    problem: `name too long for a job ${of}`,
    allowed: `at most ${longest} letters, to which runs and ${pods} add theirs`,
  };
}

/** What is wrong with the completions of a job. */
export function completionProblems(
  name: string,
  args: { workers: number; completions: number; parallelism: number },
): Problem[] {
  const { workers, completions, parallelism } = args;
  const problems: Problem[] = [];
  if (parallelism > completions) {
    problems.push({
      ...{ path: ["parallelism"], found: String(parallelism) },
      problem: "more pods at the same time than there are completions",
      allowed: `1 to ${completions}, which is completions`,
      fix: "raise completions, or lower it; for pods that work together and find each other, write workers",
    });
  }
  if (completions === 1) return problems;
  if (workers > 1) {
    problems.push({
      ...{ path: ["completions"], found: String(completions) },
      problem: "not for a job on several workers, all of which start and end together",
      allowed: "completions without workers",
      fix: "remove workers for pods that work by themselves, or completions for pods that work together",
    });
  }
  if (name.length > longestIndexed) {
    problems.push(tooLong(name, longestIndexed, "with several completions", "pods"));
  }
  return problems;
}

/** What is wrong with a job on several workers, besides the room for them. */
export function workerProblems(
  name: string,
  args: { workers: number; command?: readonly unknown[]; env?: object; mounts?: object },
): Problem[] {
  const { workers, command = [], env = {}, mounts = {} } = args;
  if (workers <= 1) return [];
  const problems: Problem[] = [];
  if (command.length === 0) {
    problems.push({
      ...{ path: ["command"], problem: "no command", found: "nothing" },
      allowed: "a list of text, one for each word, where there are several workers",
      fix: "say what each worker runs, because it is started when all are there: [torchrun, train.py]",
    });
  }
  if (name.length > longestName) {
    problems.push(tooLong(name, longestName, "on several workers", "workers"));
  }
  for (const variable of Object.keys(env).filter((one) => ownVariables.includes(one))) {
    problems.push({
      ...{ path: ["env", variable], found: "a value", fix: "remove it" },
      problem: "a variable that each of several workers gets a value of its own for",
      allowed: `names other than ${ownVariables.join(", ")}`,
    });
  }
  // What is mounted at the folder would take it away, and what is in it could not be mounted.
  for (const at of Object.keys(mounts).filter((one) =>
    `${one}/`.startsWith(`${launcherFolder}/`),
  )) {
    problems.push({
      ...{ path: ["mounts", at], found: "a mount", fix: "mount it elsewhere" },
      problem: "where several workers have what starts them",
      allowed: `a path outside of ${launcherFolder}`,
    });
  }
  return problems;
}
