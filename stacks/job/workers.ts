import type { ManagedPool } from "../../components/clouds/managed";
import { networkShare } from "../../components/jobs/network-share";
import {
  launcherFolder,
  longestName,
  overLauncher,
  ownVariables,
} from "../../components/jobs/worker-variables";
import { entryProblem, nameProblem, type Job } from "../entry";
import type { FileProblem } from "../problems";

/** What is wrong with a job on several workers on that pool of ours, besides the room for them. */
export function workerProblems(job: Job, pool: ManagedPool | undefined): FileProblem[] {
  const { workers, command = [], env, mounts } = job.fields;
  if (workers === 1) return [];
  return [
    ...(command.length > 0
      ? []
      : [
          entryProblem(job, ["command"], {
            problem: "no command",
            allowed: "a list of text, one for each word, where there are several workers",
            fix: "say what each worker runs, because it is started when all are there: [torchrun, train.py]",
          }),
        ]),
    ...(job.name.length <= longestName
      ? []
      : [
          nameProblem(job, [], {
            problem: "name too long for a job on several workers",
            allowed: `at most ${longestName} letters, to which runs and workers add theirs`,
            fix: "shorten it",
          }),
        ]),
    ...Object.keys(env)
      .filter((name) => ownVariables.includes(name))
      .map((name) =>
        entryProblem(job, ["env", name], {
          problem: "a variable that each of several workers gets a value of its own for",
          allowed: `names other than ${ownVariables.join(", ")}`,
          fix: "remove it",
        }),
      ),
    ...Object.keys(mounts)
      .filter(overLauncher)
      .map((path) =>
        entryProblem(job, ["mounts", path], {
          problem: "where several workers have what starts them",
          allowed: `a path outside of ${launcherFolder}`,
          fix: "mount it elsewhere",
        }),
      ),
    ...cardProblems(job, pool),
  ];
}

/** Workers of which fewer fit a node than its GPUs would have: each takes a whole network card, and there are too few. */
function cardProblems(job: Job, pool: ManagedPool | undefined): FileProblem[] {
  const { gpus } = job.fields;
  const cards = pool?.network === "fast" ? pool.machine.efa?.length : undefined;
  if (!pool || cards === undefined || gpus === 0) return [];
  const { name, gpusPerNode } = pool.machine;
  const fits = (count: number) =>
    Math.floor(gpusPerNode / count) * networkShare(cards, count, gpusPerNode) <= cards;
  if (fits(gpus)) return [];
  const allowed = Array.from({ length: gpusPerNode }, (_, at) => at + 1).filter(fits);
  return [
    entryProblem(job, ["gpus"], {
      problem: `more workers on a node than network cards: a ${name} has ${cards} with EFA, and each worker takes one`,
      allowed: allowed.join(", "),
      fix: `write gpus: ${gpusPerNode} and fewer workers, or network: compact on the pool`,
    }),
  ];
}
