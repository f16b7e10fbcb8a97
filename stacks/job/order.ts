import { isJob, entryProblem, type Entry, type Job } from "../entry";
import type { FileProblem } from "../problems";
import { nearest } from "../../components/spelling";
import { mountsOf, type Mounted } from "../volume/mounts";
import { keysOfSchedule } from "./schema";

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
      ...entries.flatMap((entry) => afterProblems(entry, entries, jobs)),
      ...cycles(jobs, after),
    ],
  };
}

/** Whether an entry reads, and does not write itself, a folder that a job writes. */
function readsWhatItWrites(entry: Entry, job: Job): boolean {
  const own = mountsOf(entry);
  const among = (mounts: readonly Mounted[], read: Mounted) =>
    mounts.some(({ folder, write }) => write && within(read.folder, folder));
  return own.some((read) => among(mountsOf(job), read) && !among(own, read));
}

/** Whether one of two folders of a volume holds the other. */
function within(one: string, other: string): boolean {
  return `${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`);
}

/** Keys that say when a job runs which has no schedule. */
function withoutSchedule(job: Job): FileProblem[] {
  if (job.fields.schedule !== undefined) return [];
  return keysOfSchedule
    .filter((key) => job.fields[key] !== undefined)
    .map((key) =>
      entryProblem(job, [key], {
        problem: "only for a job with a schedule",
        allowed: "this key beside schedule",
        fix: 'add schedule, for example schedule: "0 3 * * *", or remove it',
      }),
    );
}

/** Entries that come after something whose end cannot be waited for. */
function afterProblems(
  entry: Entry,
  entries: readonly Entry[],
  jobs: readonly Job[],
): FileProblem[] {
  const names = entry.fields.after;
  const others = jobs.filter((job) => job.name !== entry.name && endsInUp(job));
  return names.flatMap((name, place) => {
    const at = ["after", place];
    const job = jobs.find((one) => one.name === name);
    if (names.indexOf(name) < place) {
      return [
        entryProblem(entry, at, {
          problem: "named twice",
          allowed: "each job once",
          fix: "remove it",
        }),
      ];
    }
    if (!job) return [noSuchJob(entry, at, name, { entries, others })];
    if (endsInUp(job)) return [];
    return [
      entryProblem(entry, at, {
        problem: `${name} only runs when it is due, which nothing can wait for`,
        allowed: "jobs without schedule, or with runFirst: true",
        fix: `add runFirst: true to jobs.${name}, or remove it here`,
      }),
    ];
  });
}

function noSuchJob(
  entry: Entry,
  at: (string | number)[],
  name: string,
  { entries, others }: { entries: readonly Entry[]; others: readonly Job[] },
): FileProblem {
  const known = others.map((job) => job.name);
  const meant = nearest(name, known);
  const isService = entries.some((other) => other.name === name);
  return entryProblem(entry, at, {
    problem: isService ? "a service, which has no end to wait for" : "no such job",
    allowed: known.join(", ") || "nothing: there is no such job",
    fix: meant ? `did you mean "${meant}"?` : "name a job of this stack, or remove it",
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
  const itself = way.length === 2;
  const [, next = ""] = way;
  const named = job.fields.after.includes(next);
  return entryProblem(job, [named ? "after" : "mounts"], {
    problem: itself ? "waits for itself" : `waits for itself: ${way.join(" after ")}`,
    allowed: named
      ? "jobs that do not come after this one"
      : "volumes that no job with runFirst writes which comes after this one",
    fix: itself
      ? `remove ${job.name}`
      : named
        ? "remove one of these"
        : `remove runFirst from ${next}, or do not mount what it writes`,
  });
}
