import type { ManagedPool } from "../../components/clouds/managed";
import { networkShare } from "../../components/workload/interconnect";
import { completionProblems, workerProblems } from "../../components/jobs/job-problems";
import { meantOr } from "../../components/spelling";
import { argumentProblems, entryProblem, isJob, type Entry, type Job } from "../entry";
import type { FileProblem } from "../problems";
import { mountsOf, type Mounted } from "../volume/mounts";
import { holds } from "../../catalog/mount-path";
import { onSchedule } from "./schema";

/** Which jobs end before each entry is made, and what is wrong with when jobs run. */
export interface RunOrder {
  /** Names of the jobs that an entry comes after: those it names, and those that first write what it reads. */
  after: (entry: Entry) => string[];
  /** What is wrong. */
  problems: FileProblem[];
}

/** Puts entries behind the jobs that they wait for. */
export function runOrder(entries: readonly Entry[]): RunOrder {
  const jobs = entries.filter(isJob);
  const first = jobs.filter(({ fields }) => fields.runFirst);
  const after = (entry: Entry) => {
    const writers = first.filter((job) => job !== entry && readsWhatItWrites(entry, job));
    return [...new Set([...entry.fields.after, ...writers.map(({ name }) => name)])];
  };
  return {
    after,
    problems: [
      ...jobs.flatMap(withoutSchedule),
      ...entries.flatMap((entry) => afterProblems(entry, entries)),
      ...cycles(jobs, after),
    ],
  };
}

/** Whether an entry reads, and does not write itself, a folder that a job writes. */
function readsWhatItWrites(entry: Entry, job: Job): boolean {
  const own = mountsOf(entry);
  const writes = (mounts: readonly Mounted[], read: string) =>
    mounts.some(({ folder, write }) => write && (holds(folder, read) || holds(read, folder)));
  return own.some(({ folder }) => writes(mountsOf(job), folder) && !writes(own, folder));
}

/** Keys that say when a job runs which has no schedule. */
function withoutSchedule(job: Job): FileProblem[] {
  if (job.fields.schedule !== undefined) return [];
  return Object.keys(onSchedule)
    .filter((key) => Object.hasOwn(job.fields, key))
    .map((key) =>
      entryProblem(job, [key], {
        problem: "only for a job with a schedule",
        allowed: "this key beside schedule",
        fix: 'add schedule, for example schedule: "0 3 * * *", or remove it',
      }),
    );
}

/** What an entry comes after whose end cannot be waited for. */
function afterProblems(entry: Entry, entries: readonly Entry[]): FileProblem[] {
  const names = entry.fields.after;
  const known = entries.flatMap((job) =>
    isJob(job) && job.name !== entry.name && endsInUp(job) ? [job.name] : [],
  );
  return names.flatMap((name, place) => {
    const at = ["after", place];
    if (names.indexOf(name) < place) {
      const [problem, allowed] = ["named twice", "each job once"];
      return entryProblem(entry, at, { problem, allowed, fix: "remove it" });
    }
    const other = entries.find((one) => one.name === name);
    if (!other || !isJob(other)) {
      return entryProblem(entry, at, {
        problem: other ? "a service, which has no end to wait for" : "no such job",
        allowed: known.join(", ") || "nothing: there is no such job",
        fix: meantOr(name, known, "name a job of this stack, or remove it"),
      });
    }
    if (endsInUp(other)) return [];
    return entryProblem(entry, at, {
      problem: `${name} only runs when it is due, which nothing can wait for`,
      allowed: "jobs without schedule, or with runFirst: true",
      fix: `add runFirst: true to jobs.${name}, or remove it here`,
    });
  });
}

/** Whether a run of the job ends while `up` goes on. */
function endsInUp({ fields }: Job): boolean {
  return fields.schedule === undefined || fields.runFirst === true;
}

/** Jobs that would wait for each other for ever; each circle is reported once. */
function cycles(jobs: readonly Job[], after: (entry: Entry) => string[]): FileProblem[] {
  const ended = new Set<string>();
  const problems: FileProblem[] = [];
  const visit = (name: string, way: readonly string[]) => {
    const job = jobs.find((one) => one.name === name);
    const start = way.indexOf(name);
    if (start >= 0 && job) problems.push(cycleProblem(job, [...way.slice(start), name]));
    if (start >= 0 || ended.has(name) || !job) return;
    for (const next of after(job)) visit(next, [...way, name]);
    ended.add(name);
  };
  for (const { name } of jobs) visit(name, []);
  return problems;
}

function cycleProblem(job: Job, way: readonly string[]): FileProblem {
  const [, next = ""] = way;
  const itself = next === job.name;
  const problem = itself ? "waits for itself" : `waits for itself: ${way.join(" after ")}`;
  return job.fields.after.includes(next)
    ? entryProblem(job, ["after"], {
        problem,
        allowed: "jobs that do not come after this one",
        fix: itself ? `remove ${next}` : "remove one of these",
      })
    : entryProblem(job, ["mounts"], {
        problem,
        allowed: "volumes that no job with runFirst writes which comes after this one",
        fix: `remove runFirst from ${next}, or do not mount what it writes`,
      });
}

/** What is wrong with a job on several workers on that pool of ours, besides the room for them. */
export function groupProblems(job: Job, pool: ManagedPool | undefined): FileProblem[] {
  return [
    argumentProblems(job, workerProblems(job.name, job.fields)),
    argumentProblems(job, completionProblems(job.name, job.fields)),
    job.fields.workers > 1 ? cardProblem(job, pool) : [],
  ].flat();
}

/** Workers of which fewer fit a node than its GPUs would have: each takes a whole network card, and there are too few. */
function cardProblem(job: Job, pool: ManagedPool | undefined): FileProblem | [] {
  const { gpus } = job.fields;
  const cards = pool?.network === "fast" ? pool.machine.efa?.length : undefined;
  if (!pool || cards === undefined || gpus === 0) return [];
  const { name, gpusPerNode } = pool.machine;
  const fits = (count: number) =>
    Math.floor(gpusPerNode / count) * networkShare(cards, count, gpusPerNode) <= cards;
  if (fits(gpus)) return [];
  const allowed = Array.from({ length: gpusPerNode }, (_, at) => at + 1).filter(fits);
  return entryProblem(job, ["gpus"], {
    problem: `more workers on a node than network cards: a ${name} has ${cards} with EFA, and each worker takes one`,
    allowed: allowed.join(", "),
    fix: `write gpus: ${gpusPerNode} and fewer workers, or network: compact on the pool`,
  });
}
