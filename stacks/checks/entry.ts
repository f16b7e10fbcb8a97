import type { z } from "zod";
import { valueAt } from "../lookup";
import { shown, type Fault, type Path } from "../faults";
import { salvageAll, type Salvaged } from "./salvage";
import { service } from "../service-schema";

const fieldsOfService = service.partial();

/** A service of a file, as far as it can be read. */
export interface Entry extends Salvaged<z.output<typeof fieldsOfService>> {
  /** File it is in. */
  file: string;
  /** Name it has there. */
  name: string;
  /** What the file has for it. */
  raw: unknown;
}

/** The services of a file that are maps at all. */
export function entriesOf(file: string, services: unknown): Entry[] {
  return [...salvageAll(fieldsOfService, services)].map(([name, salvaged]) => ({
    ...salvaged,
    file,
    name,
    raw: valueAt(services, [name]),
  }));
}

/** A fault in a service. */
export function entryFault(
  { file, name, raw }: Entry,
  at: Path,
  words: Pick<Fault, "what" | "allowed" | "remedy">,
): Fault {
  return { file, at: ["services", name, ...at], found: shown(valueAt(raw, at)), ...words };
}
