import { portsOfWorkers } from "../../components/jobs/worker-variables";
import { sidecarProblems } from "../../components/workload/sidecar-problems";
import { isPodsOwn } from "../../components/workload/volumes";
import { argumentProblems, entryProblem, isService, type Entry, type Service } from "../entry";
import type { FileProblem } from "../problems";
import type { Volumes } from "../volume/mounts";
import { volumeAndFolder } from "../../values/mount";

/** What is wrong with the sidecar containers of an entry, the user's and ours. */
export function containerProblems(entry: Entry, volumes: Volumes): FileProblem[] {
  const { sidecars, container: main = entry.name } = entry.fields;
  const ports = isService(entry)
    ? new Map([[entry.fields.port, "the server"]])
    : portsOfWorkers(entry.fields.workers);
  return [
    ...argumentProblems(entry, sidecarProblems(sidecars, { main, ports })),
    ...(isService(entry)
      ? [
          ...sourceProblems(entry, volumes),
          ...targetProblems(entry),
          ...logProblems(entry, volumes),
        ]
      : []),
  ];
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
