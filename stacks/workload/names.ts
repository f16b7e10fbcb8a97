import { serverVariable } from "../../components/serving/model-updates";
import { managedSidecarsOf } from "../../components/workload/managed-sidecar-names";
import { entryProblem, isJob, isService, nameProblem, type Entry, type Service } from "../entry";
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
      ...(isService(entry) ? [...containerProblems(entry), ...variableProblems(entry)] : []),
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

/** A main container that is called like one of ours in the same pods. */
function containerProblems(entry: Service): FileProblem[] {
  const { container, logs, modelUpdates } = entry.fields;
  const main = container ?? entry.name;
  const ours = managedSidecarsOf({ modelUpdates: !!modelUpdates, logs: !!logs });
  if (!ours.includes(main)) return [];
  return [
    entryProblem(entry, ["container"], {
      problem:
        container === undefined
          ? `missing: by default it is ${main}, like a container that we add to these pods`
          : "name of a container that we add to these pods",
      allowed: `a name other than ${ours.join(", ")}`,
      fix: "name the container, for example container: server",
    }),
  ];
}

/** A variable that a server has from us, by which it is found to be told of a new model. */
function variableProblems(entry: Service): FileProblem[] {
  const { env, modelUpdates } = entry.fields;
  const signalled = modelUpdates?.notify !== undefined && "signal" in modelUpdates.notify;
  if (!signalled || env[serverVariable] === undefined) return [];
  return [
    entryProblem(entry, ["env", serverVariable], {
      problem: "a variable that we set, to find the server that is signalled",
      allowed: `names other than ${serverVariable}`,
      fix: "rename it",
    }),
  ];
}
