import type { Fault } from "../faults";
import { shown } from "../faults";
import { isMap, valueAt } from "../lookup";
import { serverVariable } from "../../components/serving/model-updates";
import { managedSidecarsOf } from "../../components/workload/managed-sidecar-names";
import { entryFault, type Entry } from "./entry";
import type { Namespaces } from "./namespaces";

/** Names of entries and containers that the cluster, or another object of the stack, has already. */
export function nameFaults({ ofFile }: Namespaces, entries: readonly Entry[]): Fault[] {
  const named = (entry: Entry, words: Pick<Fault, "what" | "allowed" | "remedy">): Fault => ({
    ...entryFault(entry, [], words),
    found: shown(entry.name),
  });
  return entries.flatMap((entry) => {
    const namespace = ofFile.get(entry.file);
    const first = entries.find(
      (other) =>
        other.section === "jobs" &&
        other.fields.runFirst === true &&
        entry.section === "jobs" &&
        firstRunOf(other.name) === entry.name &&
        ofFile.get(other.file) === namespace,
    );
    return [
      ...(entry.name === "default"
        ? [
            named(entry, {
              what: "every namespace has a service account of this name already",
              allowed: "a name other than default",
              remedy: "rename it",
            }),
          ]
        : []),
      ...(entry.section === "services" && entry.name === "kubernetes" && namespace === "default"
        ? [
            named(entry, {
              what: "the Service of the cluster's own API in the namespace default",
              allowed: "a name other than kubernetes in this namespace",
              remedy: "rename it, or move it to another namespace",
            }),
          ]
        : []),
      ...(first
        ? [
            named(entry, {
              what: `name of the first run of jobs.${first.name}`,
              allowed: `a name other than ${entry.name} beside jobs.${first.name} with runFirst`,
              remedy: "rename it",
            }),
          ]
        : []),
      ...containerFaults(entry),
      ...variableFaults(entry),
    ];
  });
}

/** Name of the job that runs an entry for the first time, before its schedule does. */
function firstRunOf(name: string): string {
  return `${name}-first`;
}

/** A main container that is called like one of ours in the same pods. */
function containerFaults(entry: Entry): Fault[] {
  if (entry.section !== "services" || entry.broken.has("container")) return [];
  const main = entry.fields.container ?? entry.name;
  const ours = managedSidecarsOf({
    modelUpdates: isMap(valueAt(entry.raw, ["modelUpdates"])),
    logs: isMap(valueAt(entry.raw, ["logs"])),
  });
  if (!ours.includes(main)) return [];
  return [
    {
      ...entryFault(entry, ["container"], {
        what:
          entry.fields.container === undefined
            ? `missing: by default it is ${main}, like a container that we add to these pods`
            : "name of a container that we add to these pods",
        allowed: `a name other than ${ours.join(", ")}`,
        remedy: "name the container, for example container: server",
      }),
    },
  ];
}

/** A variable that a server has from us, by which it is found to be told of a new model. */
function variableFaults(entry: Entry): Fault[] {
  const signal = valueAt(entry.raw, ["modelUpdates", "notify", "signal"]);
  if (signal === undefined || valueAt(entry.raw, ["env", serverVariable]) === undefined) return [];
  return [
    entryFault(entry, ["env", serverVariable], {
      what: "a variable that we set, to find the server that is signalled",
      allowed: `names other than ${serverVariable}`,
      remedy: "rename it",
    }),
  ];
}
