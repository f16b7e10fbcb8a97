import { workerPorts } from "../../components/jobs/worker-variables";
import { isPodsOwn } from "../../components/workload/volumes";
import { managedSidecarNames } from "../../components/workload/managed-sidecar-names";
import { entryProblem, isService, nameProblem, type Entry, type Service } from "../entry";
import type { FileProblem } from "../problems";
import type { Volumes } from "../volume/mounts";
import { volumeAndFolder } from "../values/mount";

/** What is wrong with the sidecar containers of an entry, the user's and ours. */
export function sidecarProblems(entry: Entry, volumes: Volumes): FileProblem[] {
  if (!isService(entry)) return userSidecarProblems(entry);
  return [
    ...userSidecarProblems(entry),
    ...sourceProblems(entry, volumes),
    ...targetProblems(entry),
    ...logProblems(entry, volumes),
  ];
}

function userSidecarProblems(entry: Entry): FileProblem[] {
  const taken = portsOfMain(entry);
  const names = [entry.fields.container ?? entry.name, ...managedSidecarNames];
  return Object.entries(entry.fields.sidecars).flatMap(([name, { port, health }]) => {
    const at = ["sidecars", name];
    const problems: FileProblem[] = [];
    if (names.includes(name)) {
      problems.push(
        nameProblem(entry, at, {
          problem: "name of another container of the same pods",
          allowed: `a name other than ${names.join(", ")}`,
          fix: "rename it",
        }),
      );
    }
    if (port === undefined && health !== undefined) {
      problems.push(
        entryProblem(entry, [...at, "port"], {
          problem: "missing beside health",
          allowed: "the port that is asked for the path in health",
          fix: "add the port that the container listens on, or remove health",
        }),
      );
    }
    const other = port === undefined ? undefined : taken.get(port);
    if (other !== undefined) {
      problems.push(
        entryProblem(entry, [...at, "port"], {
          problem: `port of ${other}, and all containers of a pod share one network`,
          allowed: `a port other than ${[...taken.keys()].join(", ")}`,
          fix: "let it listen on another port",
        }),
      );
    } else if (port !== undefined) taken.set(port, name);
    return problems;
  });
}

/** Ports that the main container listens on. */
function portsOfMain(entry: Entry): Map<number, string> {
  if (isService(entry)) return new Map([[entry.fields.port, "the server"]]);
  return new Map(entry.fields.workers > 1 ? workerPorts.map((port) => [port, "the workers"]) : []);
}

/** A source that nobody outside of the pod can write to. */
function sourceProblems(entry: Service, volumes: Volumes): FileProblem[] {
  const { volume } = volumeAndFolder(entry.fields.modelUpdates?.from ?? "");
  const kind = volumes[volume]?.kind;
  if (kind === undefined || !isPodsOwn(kind)) return [];
  return [
    entryProblem(entry, ["modelUpdates", "from"], {
      problem: `${volume} is of kind ${kind}: each pod has its own, to which nobody publishes`,
      allowed: "a volume of kind disk, claim or bucket",
      fix: "publish to a volume that outlives the pods, such as a bucket",
    }),
  ];
}

/** A folder for the model that something else is mounted at, in or around. */
function targetProblems(entry: Service): FileProblem[] {
  const to = entry.fields.modelUpdates?.to;
  if (to === undefined) return [];
  const other = Object.keys(entry.fields.mounts).find((at) => holds(at, to) || holds(to, at));
  if (other === undefined) return [];
  return [
    entryProblem(entry, ["modelUpdates", "to"], {
      problem: `${other} is a mount of the entry, and the folder of the versions is a volume of its own`,
      allowed: `a folder outside of ${other}`,
      fix: `choose another folder, or remove the mount: the server reads the model from ${to}/current`,
    }),
  ];
}

/** Log files in a folder that the server cannot write to. */
function logProblems(entry: Service, volumes: Volumes): FileProblem[] {
  const { logs, modelUpdates, mounts } = entry.fields;
  const readOnly = [
    ...(modelUpdates ? [modelUpdates.to] : []),
    ...Object.entries(mounts)
      .filter(([, { volume, write }]) => {
        const kind = volumes[volumeAndFolder(volume).volume]?.kind;
        return !(write ?? (kind !== undefined && isPodsOwn(kind)));
      })
      .map(([at]) => at),
  ];
  return (logs?.files ?? []).flatMap((file, place) => {
    const mount = readOnly.find((at) => holds(at, file));
    if (mount === undefined) return [];
    return [
      entryProblem(entry, ["logs", "files", place], {
        problem: `in ${mount}, which the server cannot write to`,
        allowed: "a file in a folder of its own, or in a mount with write: true",
        fix: "let the server write into a folder of its own, such as /var/log/server/*.log",
      }),
    ];
  });
}

function holds(folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
