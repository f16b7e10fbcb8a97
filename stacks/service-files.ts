import { isAbsolute, join, normalize } from "node:path";
import { entriesOf, type Entry } from "./checks/entry";
import { schemaFaults } from "./explain";
import { isMap } from "./lookup";
import { nothing, shown, unknownKey, type Fault } from "./faults";
import { includedFile, stackFile } from "./schema";
import type { Source } from "./source";
import { yamlFile } from "./yaml-file";

/** A file that has services and jobs: the stack file, or one that it includes. */
export interface ServiceFile {
  /** Name of the file, as the user writes it. */
  name: string;
  /** What is in it. */
  content: Record<string, unknown>;
  /** Its services and jobs, as far as they can be read. */
  entries: Entry[];
}

/** Result of reading all files of a stack. */
export interface ServiceFiles {
  /** The files that could be read, the stack file first. */
  files: ServiceFile[];
  /** What is wrong with the others, and with the shape of all. */
  faults: Fault[];
}

/** The stack file and those it includes. */
export function serviceFiles(source: Source): ServiceFiles {
  const files = [fileOf(source.file, source.values)];
  const faults: Fault[] = [];
  const { include } = source.values;
  const seen = new Map<string, number>();
  for (const [place, path] of (Array.isArray(include) ? include : []).entries()) {
    if (typeof path !== "string" || path === "") continue;
    const wrong = refusedPath(source, path, place, seen);
    if (wrong) {
      faults.push({ file: source.file, at: ["include", place], found: shown(path), ...wrong });
      continue;
    }
    const read = yamlFile(join(source.folder, path));
    if ("missing" in read) {
      faults.push({
        file: source.file,
        at: ["include", place],
        ...read.missing,
        found: shown(path),
      });
    } else if ("malformed" in read) {
      faults.push(...read.malformed.map((fault) => ({ ...fault, file: path })));
    } else if (read.content === null) {
      faults.push(emptyFile(path));
    } else {
      faults.push(...schemaFaults(includedFile, read.content, path).map(belongsElsewhere));
      if (isMap(read.content)) files.push(fileOf(path, read.content));
    }
  }
  return { files, faults };
}

function fileOf(name: string, content: Record<string, unknown>): ServiceFile {
  return { name, content, entries: entriesOf(name, content) };
}

function refusedPath({ file }: Source, path: string, place: number, seen: Map<string, number>) {
  const plain = normalize(path);
  const before = seen.get(plain);
  seen.set(plain, before ?? place);
  const allowed = "paths of YAML files from the project's folder, each once";
  if (before !== undefined) {
    return {
      what: "included twice",
      allowed,
      remedy: `remove it; include[${before}] is the same file`,
    };
  }
  if (plain === file) return { what: "includes itself", allowed, remedy: "remove it" };
  if (isAbsolute(path)) {
    return {
      what: "path of one machine",
      allowed,
      remedy: "write the path from the project's folder, so that it is right on every machine",
    };
  }
  return undefined;
}

function emptyFile(file: string): Fault {
  const allowed = "a map with any of the keys namespace, services, jobs";
  const remedy = "write services or jobs into it, or remove it from include";
  return { file, at: [], what: "empty", found: nothing, allowed, remedy };
}

/** A key of the stack file in an included one is a matter of place, not of spelling. */
function belongsElsewhere(fault: Fault): Fault {
  const [key, ...rest] = fault.at;
  const misplaced =
    rest.length === 0 && typeof key === "string" && Object.hasOwn(stackFile.shape, key);
  return misplaced && fault.what === unknownKey
    ? {
        ...fault,
        remedy: `move ${key} to the stack file; an included file has services and jobs only`,
      }
    : fault;
}
