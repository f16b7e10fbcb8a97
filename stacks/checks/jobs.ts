import { keysOfSchedule } from "../job-schema";
import { isMap, valueAt } from "../lookup";
import type { Fault } from "../faults";
import { nearest } from "../spelling";
import { entryFault, type Entry, type ReadJob } from "./entry";
import { mountsOf, type ReadMount } from "./mounts";

/** Which jobs end before each entry is made, and what is wrong with when jobs run. */
export interface RunOrder {
  /** Names of the jobs that an entry comes after: those it names, and those that first write what it reads. */
  after: ReadonlyMap<Entry, string[]>;
  /** What is wrong. */
  faults: Fault[];
}

/** Puts entries behind the jobs that they wait for. */
export function runOrder(entries: readonly Entry[]): RunOrder {
  const jobs = new Map(entries.filter(isJob).map((job) => [job.name, job]));
  const first = [...jobs.values()].filter(({ fields }) => fields.runFirst === true);
  const after = new Map(
    entries.map((entry) => {
      const writers = first.filter((job) => job !== entry && readsWhatItWrites(entry, job));
      const named = entry.fields.after ?? [];
      return [entry, [...new Set([...named, ...writers.map(({ name }) => name)])]];
    }),
  );
  return {
    after,
    faults: [
      ...[...jobs.values()].flatMap(withoutSchedule),
      ...entries.flatMap((entry) => afterFaults(entry, entries, jobs)),
      ...cycles(jobs, after),
    ],
  };
}

/** Whether an entry reads, and does not write itself, a folder that a job writes. */
function readsWhatItWrites(entry: Entry, job: ReadJob): boolean {
  const written = mountsOf(job).filter(({ write }) => write);
  const own = mountsOf(entry);
  const among = (mounts: readonly ReadMount[], read: ReadMount) =>
    mounts.some((mount) => within(folderOf(read), folderOf(mount)));
  return own.some(
    (read) =>
      among(written, read) &&
      !among(
        own.filter(({ write }) => write),
        read,
      ),
  );
}

/** Whether one of two folders of a volume holds the other. */
function within(one: string, other: string): boolean {
  return `${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`);
}

/** The folder that a mount shows, with its volume. */
function folderOf({ entry, at }: ReadMount): string {
  const found = valueAt(entry.raw, at);
  return String(isMap(found) ? found.volume : found);
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
function cycles(jobs: ReadonlyMap<string, ReadJob>, after: ReadonlyMap<Entry, string[]>): Fault[] {
  const ended = new Set<string>();
  const faults: Fault[] = [];
  const visit = (name: string, way: readonly string[]) => {
    const job = jobs.get(name);
    const start = way.indexOf(name);
    if (start >= 0 && job) faults.push(cycleFault(job, [...way.slice(start), name]));
    if (start >= 0 || ended.has(name) || !job) return;
    for (const next of after.get(job) ?? []) visit(next, [...way, name]);
    ended.add(name);
  };
  for (const name of jobs.keys()) visit(name, []);
  return faults;
}

function cycleFault(job: ReadJob, way: readonly string[]): Fault {
  const itself = way.length === 2;
  const [, next = ""] = way;
  const named = job.fields.after?.includes(next) ?? false;
  return entryFault(job, [named ? "after" : "mounts"], {
    what: itself ? "waits for itself" : `waits for itself: ${way.join(" after ")}`,
    allowed: named
      ? "jobs that do not come after this one"
      : "volumes that no job with runFirst writes which comes after this one",
    remedy: itself
      ? `remove ${job.name}`
      : named
        ? "remove one of these"
        : `remove runFirst from ${next}, or do not mount what it writes`,
  });
}
