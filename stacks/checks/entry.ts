import type { z } from "zod";
import { valueAt } from "../lookup";
import { shown, type Fault, type Path } from "../faults";
import { salvageAll, type Salvaged } from "./salvage";
import { job } from "../job-schema";
import { runsAtOnce } from "../runs-at-once";
import { service } from "../service-schema";

const readableService = service.partial();
const readableJob = job.partial();

interface EntryOf<Section, Fields> extends Salvaged<Fields> {
  /** File it is in. */
  file: string;
  /** Section of the file. */
  section: Section;
  /** Name it has there. */
  name: string;
  /** What the file has for it. */
  raw: unknown;
}

/** A service of a file, as far as it can be read. */
export type ReadService = EntryOf<"services", z.output<typeof readableService>>;

/** A job of a file, as far as it can be read. */
export type ReadJob = EntryOf<"jobs", z.output<typeof readableJob>>;

/** A service or a job of a file, as far as it can be read. */
export type Entry = ReadService | ReadJob;

/** The services and jobs of a file that are maps at all. */
export function entriesOf(file: string, { services, jobs }: Record<string, unknown>): Entry[] {
  return [
    ...readable("services", readableService, file, services),
    ...readable("jobs", readableJob, file, jobs),
  ];
}

function readable<Section extends string, Fields>(
  section: Section,
  schema: z.ZodType<Fields>,
  file: string,
  entries: unknown,
): EntryOf<Section, Fields>[] {
  return [...salvageAll(schema, entries)].map(([name, salvaged]) => ({
    ...salvaged,
    file,
    section,
    name,
    raw: valueAt(entries, [name]),
  }));
}

/** Pods of an entry that run at the same time: replicas of a service, workers of all runs of a job. */
export function podsOf(entry: Entry): number {
  return entry.section === "services"
    ? (entry.fields.replicas ?? 1)
    : (entry.fields.workers ?? 1) * runsAtOnce(entry.fields);
}

/** A fault in a service or a job. */
export function entryFault(
  { file, section, name, raw }: Entry,
  at: Path,
  words: Pick<Fault, "what" | "allowed" | "remedy">,
): Fault {
  return { file, at: [section, name, ...at], found: shown(valueAt(raw, at)), ...words };
}
