import { serverProblems } from "../../components/serving/service-problems";
import { argumentProblems, isJob, isService, nameProblem, type Entry } from "../entry";
import type { NamespaceOf } from "../namespace/relations";
import type { FileProblem } from "../problems";

/** Entries of a stack, each name once, and what is wrong with those of a name that is taken. */
export function withOwnNames(all: readonly Entry[]): { entries: Entry[]; problems: FileProblem[] } {
  const first = new Map<string, Entry>();
  for (const entry of all) if (!first.has(entry.name)) first.set(entry.name, entry);
  const problems = all.flatMap((entry) => {
    const other = first.get(entry.name);
    if (!other || other === entry) return [];
    const there = other.file === entry.file ? `${other.section}.${other.name}` : other.file;
    return [
      nameProblem(entry, [], {
        problem: `name given twice, also in ${there}`,
        allowed: "one service or job of a name in all files of a stack",
        fix: `rename it here or in ${there}`,
      }),
    ];
  });
  return { entries: [...first.values()], problems };
}

/** Names of entries and containers that the cluster, or another object of the stack, has already. */
export function nameProblems(entries: readonly Entry[], namespaceOf: NamespaceOf): FileProblem[] {
  const first = entries.filter(isJob).filter(({ fields }) => fields.runFirst);
  return entries.flatMap((entry) => {
    const namespace = namespaceOf(entry);
    const taken = first.find(
      (job) => isJob(entry) && `${job.name}-first` === entry.name && namespaceOf(job) === namespace,
    );
    return [
      ...(entry.name === "default" ? [nameProblem(entry, [], accountOfNamespace)] : []),
      ...(isService(entry) && entry.name === "kubernetes" && namespace === "default"
        ? [nameProblem(entry, [], serviceOfApi)]
        : []),
      ...(taken
        ? [
            nameProblem(entry, [], {
              problem: `name of the first run of jobs.${taken.name}`,
              allowed: `a name other than ${entry.name} beside jobs.${taken.name} with runFirst`,
              fix: "rename it",
            }),
          ]
        : []),
      ...(isService(entry)
        ? argumentProblems(entry, serverProblems(entry.name, entry.fields))
        : []),
    ];
  });
}

const accountOfNamespace = {
  problem: "every namespace has a service account of this name already",
  allowed: "a name other than default",
  fix: "rename it",
};

const serviceOfApi = {
  problem: "the Service of the cluster's own API in the namespace default",
  allowed: "a name other than kubernetes in this namespace",
  fix: "rename it, or move it to another namespace",
};
