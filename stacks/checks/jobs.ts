import { keysOfSchedule } from "../job-schema";
import { valueAt } from "../lookup";
import { shown, type Fault } from "../faults";
import { nearest } from "../spelling";
import { entryFault, type Entry, type ReadJob } from "./entry";

/** What is wrong with when jobs run, and with what waits for them. */
export function runOrderFaults(entries: readonly Entry[]): Fault[] {
  const jobs = new Map(entries.filter(isJob).map((job) => [job.name, job]));
  return [
    ...[...jobs.values()].flatMap(withoutSchedule),
    ...entries.flatMap((entry) => afterFaults(entry, entries, jobs)),
    ...cycles(jobs),
  ];
}

function isJob(entry: Entry): entry is ReadJob {
  return entry.section === "jobs";
}

/** Keys that say when a job runs which has no schedule. */
function withoutSchedule(job: ReadJob): Fault[] {
  if (job.broken.has("schedule") || job.fields.schedule !== undefined) return [];
  return keysOfSchedule
    .filter((key) => valueAt(job.raw, [key]) !== undefined && !job.broken.has(key))
    .map((key) =>
      entryFault(job, [key], {
        what: "only for a job with a schedule",
        allowed: "this key beside schedule",
        remedy: 'add schedule, for example schedule: "0 3 * * *", or remove it',
      }),
    );
}

/** Entries that come after something whose end cannot be waited for. */
function afterFaults(
  entry: Entry,
  entries: readonly Entry[],
  jobs: ReadonlyMap<string, ReadJob>,
): Fault[] {
  const names = entry.fields.after ?? [];
  const others = [...jobs.values()]
    .filter((job) => job.name !== entry.name && endsInUp(job))
    .map(({ name }) => name);
  return names.flatMap((name, place) => {
    const at = ["after", place];
    const job = jobs.get(name);
    if (names.indexOf(name) < place) {
      return [
        entryFault(entry, at, {
          what: "named twice",
          allowed: "each job once",
          remedy: "remove it",
        }),
      ];
    }
    if (!job) {
      const meant = nearest(name, others);
      const service = entries.some((other) => other.name === name);
      return [
        entryFault(entry, at, {
          what: service ? "a service, which has no end to wait for" : "no such job",
          allowed: others.length > 0 ? others.join(", ") : "nothing: there is no such job",
          remedy: meant ? `did you mean "${meant}"?` : "name a job of this stack, or remove it",
        }),
      ];
    }
    if (endsInUp(job)) return [];
    return [
      entryFault(entry, at, {
        what: `${name} only runs when it is due, which nothing can wait for`,
        allowed: "jobs without schedule, or with runFirst: true",
        remedy: `add runFirst: true to jobs.${name}, or remove it here`,
      }),
    ];
  });
}

/** Whether a run of the job ends while `up` goes on, as far as that can be read. */
function endsInUp({ fields, broken }: ReadJob): boolean {
  return fields.schedule === undefined || fields.runFirst === true || broken.has("runFirst");
}

/** Jobs that would wait for each other for ever; each circle is told once. */
function cycles(jobs: ReadonlyMap<string, ReadJob>): Fault[] {
  const ended = new Set<string>();
  const faults: Fault[] = [];
  const visit = (name: string, way: readonly string[]) => {
    const start = way.indexOf(name);
    const first = jobs.get(name);
    if (start >= 0 && first) faults.push(cycleFault(first, [...way.slice(start), name]));
    if (start >= 0 || ended.has(name)) return;
    for (const next of first?.fields.after ?? []) visit(next, [...way, name]);
    ended.add(name);
  };
  for (const name of jobs.keys()) visit(name, []);
  return faults;
}

function cycleFault(job: ReadJob, way: readonly string[]): Fault {
  const itself = way.length === 2;
  return {
    ...entryFault(job, ["after"], {
      what: itself ? "waits for itself" : `waits for itself: ${way.join(" after ")}`,
      allowed: "jobs that do not come after this one",
      remedy: itself ? `remove ${job.name}` : "remove one of these",
    }),
    found: shown(job.fields.after),
  };
}
