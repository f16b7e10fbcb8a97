import { entryProblem, type Entry } from "../entry";
import type { EntryFile, ParsedStack } from "../parse";
import { type FileProblem } from "../problems";
import { nothing } from "../words";
import { meantOr } from "../../components/spelling";

/** Namespace of a service or a job; undefined where its file names none that there is. */
export type NamespaceOf = (entry: Entry) => string | undefined;

/** Where the services and jobs of each file go. */
export function placeInNamespaces({ namespaces, files }: ParsedStack): {
  namespaceOf: NamespaceOf;
  problems: FileProblem[];
} {
  const names = Object.keys(namespaces);
  const ofFile = new Map(files.map((file) => [file.name, namespaceOfFile(file, names)]));
  return {
    namespaceOf: (entry) => ofFile.get(entry.file),
    problems: files.flatMap((file) =>
      ofFile.get(file.name) === undefined ? unplacedProblems(file, names) : [],
    ),
  };
}

function namespaceOfFile({ namespace }: EntryFile, names: readonly string[]): string | undefined {
  if (namespace !== undefined) return names.find((name) => name === namespace);
  return names.length === 1 ? names[0] : undefined;
}

function unplacedProblems(file: EntryFile, names: readonly string[]): FileProblem[] {
  const at = { file: file.name, path: ["namespace"], allowed: names.join(", ") };
  if (file.namespace !== undefined) {
    const other = "choose one of these, or declare it under namespaces in the stack file";
    return [
      {
        ...{ ...at, problem: "not a declared namespace" },
        fix: meantOr(file.namespace, names, other),
      },
    ];
  }
  if (file.entries.length === 0) return [];
  const fix = `say which namespace this file's services and jobs go to, for example namespace: ${names[0]}`;
  return [{ ...at, problem: "missing", found: nothing, fix }];
}

/** Pods that their namespace refuses, and a namespace that cannot be made. */
export function namespaceProblems(
  file: string,
  { namespaces }: ParsedStack,
  entries: readonly Entry[],
  namespaceOf: NamespaceOf,
): FileProblem[] {
  const refused = entries.flatMap((entry) => {
    const name = namespaceOf(entry) ?? "";
    const level = namespaces[name]?.podSecurity;
    if (level !== "restricted" || entry.fields.podSecurity !== "baseline") return [];
    return [
      entryProblem(entry, ["podSecurity"], {
        problem: `below what namespace ${name} enforces`,
        allowed: level,
        fix: `set podSecurity: baseline on namespaces.${name}, or move the entry to a namespace that has it`,
      }),
    ];
  });
  if (!namespaces.default?.create) return refused;
  const there: FileProblem = {
    ...{ file, path: ["namespaces", "default", "create"], allowed: "false" },
    problem: "every cluster has this namespace already",
    fix: "write create: false to take it as it is, or choose a name of your own",
  };
  return [there, ...refused];
}
