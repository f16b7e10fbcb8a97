import { workerPorts } from "../../components/jobs/worker-variables";
import { managedSidecarNames } from "../../components/workload/managed-sidecar-names";
import { entryFault, type Entry, type ReadService } from "./entry";
import type { Fault } from "../faults";
import { isMap, valueAt } from "../lookup";
import { sidecar } from "../sidecar-schema";
import { volumeAndFolder } from "../values/mount";
import { salvageAll } from "./salvage";

/** What is wrong with the containers beside an entry's main one, as far as one entry tells; `volumes` are the stack file's. */
export function besideFaults(entry: Entry, volumes: unknown): Fault[] {
  return [
    ...sidecarFaults(entry),
    ...(entry.section === "services"
      ? [...sourceFaults(entry, volumes), ...targetFaults(entry), ...logFaults(entry, volumes)]
      : []),
  ];
}

function sidecarFaults(entry: Entry): Fault[] {
  const taken = portsOfMain(entry);
  const names = [
    ...(entry.broken.has("container") ? [] : [entry.fields.container ?? entry.name]),
    ...managedSidecarNames,
  ];
  return [...readSidecars(entry)].flatMap(([name, { fields, broken }]) => {
    const { port, health } = fields;
    const faults: Fault[] = [];
    if (names.includes(name)) {
      faults.push({
        ...entryFault(entry, ["sidecars", name], {
          what: "name of another container of the same pods",
          allowed: `a name other than ${names.join(", ")}`,
          remedy: "rename it",
        }),
        found: `"${name}"`,
      });
    }
    if (port === undefined && health !== undefined && !broken.has("port")) {
      faults.push(
        entryFault(entry, ["sidecars", name, "port"], {
          what: "missing beside health",
          allowed: "the port that is asked for the path in health",
          remedy: "add the port that the container listens on, or remove health",
        }),
      );
    }
    const other = port === undefined ? undefined : taken.get(port);
    if (other !== undefined) {
      faults.push(
        entryFault(entry, ["sidecars", name, "port"], {
          what: `port of ${other}, and all containers of a pod share one network`,
          allowed: `a port other than ${[...taken.keys()].join(", ")}`,
          remedy: "let it listen on another port",
        }),
      );
    } else if (port !== undefined) taken.set(port, name);
    return faults;
  });
}

/** The containers beside an entry's main one, one by one, so that a fault of one does not hide those of the others. */
export function readSidecars(entry: Entry) {
  return salvageAll(sidecar.partial(), valueAt(entry.raw, ["sidecars"]));
}

/** Ports that the main container listens on, as far as that can be told. */
function portsOfMain(entry: Entry): Map<number, string> {
  if (entry.section === "jobs") {
    const several = !entry.broken.has("workers") && (entry.fields.workers ?? 1) > 1;
    return new Map(several ? workerPorts.map((port) => [port, "the workers"]) : []);
  }
  const { port } = entry.fields;
  return new Map(port === undefined || entry.broken.has("port") ? [] : [[port, "the server"]]);
}

/** A source that nobody outside of the pod can write to. */
function sourceFaults(entry: ReadService, volumes: unknown): Fault[] {
  const from = valueAt(entry.raw, ["modelUpdates", "from"]);
  if (typeof from !== "string") return [];
  const { volume } = volumeAndFolder(from);
  const kind = podsOwnKind(volume, volumes);
  if (kind === undefined) return [];
  return [
    entryFault(entry, ["modelUpdates", "from"], {
      what: `${volume} is of kind ${kind}: each pod has its own, to which nobody publishes`,
      allowed: "a volume of kind disk, claim or bucket",
      remedy: "publish to a volume that outlives the pods, such as a bucket",
    }),
  ];
}

/** A folder for the model that something else is mounted at, in or around. */
function targetFaults(entry: ReadService): Fault[] {
  const to = valueAt(entry.raw, ["modelUpdates", "to"]);
  if (typeof to !== "string" || entry.broken.has("mounts")) return [];
  const other = Object.keys(entry.fields.mounts ?? {}).find((at) => holds(at, to) || holds(to, at));
  if (other === undefined) return [];
  return [
    entryFault(entry, ["modelUpdates", "to"], {
      what: `${other} is a mount of the entry, and the folder of the versions is a volume of its own`,
      allowed: `a folder outside of ${other}`,
      remedy: `choose another folder, or remove the mount: the server reads the model from ${to}/current`,
    }),
  ];
}

/** Log files in a folder that the server cannot write to. */
function logFaults(entry: ReadService, volumes: unknown): Fault[] {
  const files = valueAt(entry.raw, ["logs", "files"]);
  if (!Array.isArray(files) || entry.broken.has("mounts")) return [];
  const to = valueAt(entry.raw, ["modelUpdates", "to"]);
  const readOnly = [
    ...(typeof to === "string" ? [to] : []),
    ...Object.entries(entry.fields.mounts ?? {})
      .filter(([, { volume, write }]) => !(write ?? podsOwnKind(volume, volumes) !== undefined))
      .map(([at]) => at),
  ];
  return files.flatMap((file: unknown, place) => {
    const mount = readOnly.find((at) => typeof file === "string" && holds(at, file));
    if (mount === undefined) return [];
    return [
      entryFault(entry, ["logs", "files", place], {
        what: `in ${mount}, which the server cannot write to`,
        allowed: "a file in a folder of its own, or in a mount with write: true",
        remedy: "let the server write into a folder of its own, such as /var/log/server/*.log",
      }),
    ];
  });
}

/** The kind of a declared volume, or of a folder of it, where each pod has its own. */
function podsOwnKind(text: string, volumes: unknown): string | undefined {
  const declared = valueAt(volumes, [volumeAndFolder(text).volume]);
  return ["memory", "nodeCache"].find((key) => isMap(declared) && key in declared);
}

function holds(folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
