import type { Problem } from "../components/problem";
import { runsAtOnce } from "./derived/runs-at-once";
import type { FileProblem } from "./problems";
import type { Path, Words } from "./words";
import type { JobEntry, ServiceEntry } from "./schema";

interface EntryOf<Section, Fields> {
  /** File it is in. */
  file: string;
  /** Section of the file. */
  section: Section;
  /** Name it has there. */
  name: string;
  /** What the file says of it, defaults applied. */
  fields: Fields;
}

/** A service of a file. */
export type Service = EntryOf<"services", ServiceEntry>;

/** A job of a file. */
export type Job = EntryOf<"jobs", JobEntry>;

/** A service or a job of a file. */
export type Entry = Service | Job;

/** Whether an entry is a service. */
export function isService(entry: Entry): entry is Service {
  return entry.section === "services";
}

/** Whether an entry is a job. */
export function isJob(entry: Entry): entry is Job {
  return entry.section === "jobs";
}

/** The services and jobs of a file. */
export function entriesOf(
  file: string,
  of: { services: Record<string, ServiceEntry>; jobs: Record<string, JobEntry> },
): Entry[] {
  return [
    ...Object.entries(of.services).map(([name, fields]): Service => ({
      file,
      section: "services",
      name,
      fields,
    })),
    ...Object.entries(of.jobs).map(([name, fields]): Job => ({
      file,
      section: "jobs",
      name,
      fields,
    })),
  ];
}

/** Pods of an entry that run at the same time: replicas of a service, workers of all runs of a job. */
export function podsOf(entry: Entry): number {
  return isService(entry) ? entry.fields.replicas : entry.fields.workers * runsAtOnce(entry.fields);
}

/** What is wrong with a value of a service or a job. */
export function entryProblem({ file, section, name }: Entry, at: Path, words: Words): FileProblem {
  return { file, path: [section, name, ...at], ...words };
}

/** What is wrong with the name of a service, a job, or of something in it. */
export function nameProblem(entry: Entry, at: Path, words: Words): FileProblem {
  return { ...entryProblem(entry, at, words), found: `"${at.at(-1) ?? entry.name}"` };
}

/** What a component has against the arguments that an entry becomes; a name as argument is the key of the entry. */
export function argumentProblems(entry: Entry, problems: readonly Problem[]): FileProblem[] {
  return problems.map(({ path, problem, found, allowed, fix }) => {
    const words = { problem, allowed, fix };
    return path.at(-1) === "name"
      ? { ...entryProblem(entry, path.slice(0, -1), words), found }
      : entryProblem(entry, path, words);
  });
}
