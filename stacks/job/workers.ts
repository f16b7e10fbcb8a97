import type { ManagedPool } from "../../components/clouds/managed";
import { networkShare } from "../../components/jobs/worker-variables";
import { workerProblems } from "../../components/jobs/job-problems";
import { argumentProblems, entryProblem, type Job } from "../entry";
import type { FileProblem } from "../problems";

/** What is wrong with a job on several workers on that pool of ours, besides the room for them. */
export function groupProblems(job: Job, pool: ManagedPool | undefined): FileProblem[] {
  return [
    ...argumentProblems(job, workerProblems(job.name, job.fields)),
    ...(job.fields.workers > 1 ? cardProblems(job, pool) : []),
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
