import { entryFault, type Entry } from "./entry";
import { isMap, valueAt } from "../lookup";
import { nothing, shown, type Fault } from "../faults";
import { salvageAll } from "./salvage";
import { namespace } from "../namespace-schema";
import { stackFile } from "../schema";
import type { ServiceFile } from "../service-files";
import { nearest } from "../spelling";

/** Where the services of each file go, and what is wrong with that. */
export interface Namespaces {
  /** Namespace of each file's services and jobs; without an entry where it cannot be told. */
  ofFile: Map<string, string>;
  /** What is wrong. */
  faults: Fault[];
}

/** Finds the namespace of each file's services and jobs, and whether it takes them. */
export function placeInNamespaces(
  stackFileName: string,
  sections: Record<string, unknown>,
  files: readonly ServiceFile[],
): Namespaces {
  const raw = sections.namespaces;
  const placed: Namespaces = { ofFile: new Map(), faults: [] };
  if (raw !== undefined && !isMap(raw)) return placed;
  const declared = raw ?? stackFile.shape.namespaces.parse(undefined);
  const names = Object.keys(declared);
  if (isMap(raw)) placed.faults.push(...defaultNamespaceFaults(stackFileName, raw));
  for (const file of files) {
    const found = file.name === stackFileName ? sections.namespace : file.content.namespace;
    const [only, ...others] = names;
    if (typeof found === "string") {
      if (names.includes(found)) placed.ofFile.set(file.name, found);
      else placed.faults.push(undeclared(file.name, found, names));
    } else if (found === undefined && only !== undefined && others.length === 0) {
      placed.ofFile.set(file.name, only);
    } else if (found === undefined && file.entries.length > 0 && names.length > 1) {
      placed.faults.push({
        file: file.name,
        at: ["namespace"],
        what: "missing",
        found: nothing,
        allowed: names.join(", "),
        remedy: `say which namespace this file's services and jobs go to, for example namespace: ${only}`,
      });
    }
  }
  const levels = salvageAll(namespace.partial(), declared);
  for (const entry of files.flatMap(({ entries }) => entries)) {
    const own = placed.ofFile.get(entry.file) ?? "";
    const level = levels.get(own);
    if (!level || level.broken.has("podSecurity")) continue;
    placed.faults.push(...podSecurityFaults(entry, own, level.fields.podSecurity));
  }
  return placed;
}

function undeclared(file: string, found: string, names: string[]): Fault {
  const meant = nearest(found, names);
  return {
    file,
    at: ["namespace"],
    what: "not a declared namespace",
    found: shown(found),
    allowed: names.join(", "),
    remedy: meant
      ? `did you mean "${meant}"?`
      : `choose one of these, or declare it under namespaces in the stack file`,
  };
}

function defaultNamespaceFaults(file: string, declared: Record<string, unknown>): Fault[] {
  const create = valueAt(declared, ["default", "create"]);
  if (!isMap(declared.default) || (create !== undefined && create !== true)) return [];
  return [
    {
      file,
      at: ["namespaces", "default", "create"],
      what: "every cluster has this namespace already",
      found: shown(create),
      allowed: "false",
      remedy: "write create: false to take it as it is, or choose a name of your own",
    },
  ];
}

function podSecurityFaults(entry: Entry, own: string, level = "restricted"): Fault[] {
  if (entry.broken.has("podSecurity") || entry.fields.podSecurity !== "baseline") return [];
  if (level === "baseline") return [];
  return [
    entryFault(entry, ["podSecurity"], {
      what: `below what namespace ${own} enforces`,
      allowed: level,
      remedy: `set podSecurity: baseline on namespaces.${own}, or move the entry to a namespace that has it`,
    }),
  ];
}
