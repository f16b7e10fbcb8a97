import { podsOfJob } from "../../components/jobs/job-problems";
import { portsOfWorkers } from "../../components/jobs/worker-variables";
import { holds } from "../../catalog/mount-path";
import { clusterService, hasClusterService } from "../../components/serving/ports";
import { podsOfServer, serverProblems } from "../../components/serving/service-problems";
import { healthProblems } from "../../components/workload/container";
import { serviceAnnotations } from "../../components/clouds/clouds";
import { podProblems } from "../../components/workload/pod-problems";
import { programProblems } from "../../components/workload/program-problems";
import { sidecarProblems } from "../../components/workload/sidecar-problems";
import { isPodsOwn } from "../../components/workload/volumes";
import { volumeAndFolder } from "../../values/mount";
import {
  argumentProblems,
  entryProblem,
  isJob,
  isService,
  nameProblem,
  type Entry,
  type Service,
} from "../entry";
import type { ParsedStack } from "../parse";
import type { FileProblem } from "../problems";
import { readBy, readOnlyPaths, type Volumes } from "../volume/mounts";

/** Entries of a stack, each name once, and what is wrong with those of a name that is taken. */
export function withOwnNames(all: readonly Entry[]): { entries: Entry[]; problems: FileProblem[] } {
  const first = new Map<string, Entry>();
  for (const entry of all) if (!first.has(entry.name)) first.set(entry.name, entry);
  const problems = all.flatMap((entry) => {
    const other = first.get(entry.name);
    if (!other || other === entry) return [];
    const there = other.file === entry.file ? `${other.section}.${other.name}` : other.file;
    return nameProblem(entry, {
      problem: `name given twice, also in ${there}`,
      allowed: "one service or job of a name in all files of a stack",
      fix: `rename it here or in ${there}`,
    });
  });
  return { entries: [...first.values()], problems };
}

/** A name that the cluster, or another object of the stack, has already. */
export function takenNameProblem(entry: Entry, entries: readonly Entry[]): FileProblem | [] {
  const { name, namespace } = entry;
  if (name === "default") {
    return nameProblem(entry, {
      problem: "every namespace has a service account of this name already",
      allowed: "a name other than default",
      fix: "rename it",
    });
  }
  if (isService(entry)) {
    const beside = entries
      .filter(isService)
      .find((other) => clusterService(other.name) === name && other.namespace === namespace);
    if (beside && hasClusterService(beside.fields.ports, beside.fields.expose)) {
      return nameProblem(entry, {
        problem: `name of the Service that offers ports of services.${beside.name} to the cluster alone`,
        allowed: `a name other than ${name}`,
        fix: "rename it",
      });
    }
    if (name !== "kubernetes" || namespace !== "default") return [];
    return nameProblem(entry, {
      problem: "the Service of the cluster's own API in the namespace default",
      allowed: "a name other than kubernetes in this namespace",
      fix: "rename it, or move it to another namespace",
    });
  }
  const other = entries.filter(isJob).find((job) => `${job.name}-first` === name);
  if (!other?.fields.runFirst || other.namespace !== namespace) return [];
  return nameProblem(entry, {
    problem: `name of the first run of jobs.${other.name}`,
    allowed: `a name other than ${name} beside jobs.${other.name} with runFirst`,
    fix: "rename it",
  });
}

/** What is wrong with the containers of an entry, the user's and ours. */
export function containerProblems(
  entry: Entry,
  volumes: Volumes,
  { cluster, tags }: Pick<ParsedStack, "cluster" | "tags">,
  pool: string | undefined,
): FileProblem[] {
  const { sidecars, container: main = entry.name } = entry.fields;
  const ports = isService(entry)
    ? new Map([[entry.fields.port, "the server"]])
    : portsOfWorkers(entry.fields.workers);
  const texts = programProblems(entry.fields);
  const problems = [
    ...argumentProblems(entry, [
      // As the component finds the pods: on the pool that follows from what they ask for or mount.
      ...podProblems(
        { ...entry.fields, pool },
        {
          ...{ main, pool: poolIn(cluster, pool) },
          volumes: readBy(entry).map((of) => ({ name: of, kind: volumes[of]?.kind })),
          ...(isService(entry)
            ? { ...podsOfServer(entry.fields), kept: { service: balancerOf(entry, cluster, tags) } }
            : podsOfJob(entry.fields)),
        },
      ),
      ...sidecarProblems(sidecars, { main, ports }),
    ]),
    // How long it is says more than the text.
    ...argumentProblems(entry, texts).map((it, at) => ({ ...it, found: texts[at]?.found })),
  ];
  if (!isService(entry)) return problems;
  return [
    problems,
    argumentProblems(entry, serverProblems(entry.name, entry.fields)),
    argumentProblems(entry, healthProblems(["health"], entry.fields.health)),
    sourceProblem(entry, volumes),
    targetProblem(entry),
    logProblems(entry, volumes),
  ].flat();
}

/** The pool of an entry, as far as the stack file says what its pods need. */
function poolIn(cluster: ParsedStack["cluster"], name = "") {
  const pool = cluster.kind === "existing" ? cluster.pools[name] : undefined;
  return pool && { name, runtimeClass: pool.runtimeClass };
}

/** Annotations by which the cluster makes the load balancer of a service. */
function balancerOf(
  { fields: { expose } }: Service,
  cluster: ParsedStack["cluster"],
  tags: ParsedStack["tags"],
) {
  const { scope } = expose;
  if (scope === "cluster") return undefined;
  return cluster.kind === "existing"
    ? cluster.loadBalancer[scope]?.annotations
    : serviceAnnotations(cluster.kind, scope, tags);
}

/** New versions of a model from where nobody outside of the pod can publish them. */
function sourceProblem(entry: Service, volumes: Volumes): FileProblem | [] {
  const { volume } = volumeAndFolder(entry.fields.modelUpdates?.from ?? "");
  const kind = volumes[volume]?.kind;
  if (kind === undefined || !isPodsOwn(kind)) return [];
  return entryProblem(entry, ["modelUpdates", "from"], {
    problem: `${volume} is of kind ${kind}: each pod has its own, to which nobody publishes`,
    allowed: "a volume of kind disk, claim or bucket",
    fix: "publish to a volume that outlives the pods, such as a bucket",
  });
}

/** A folder for the model that something else is mounted at, in or around. */
function targetProblem(entry: Service): FileProblem | [] {
  const { mounts, modelUpdates } = entry.fields;
  const to = modelUpdates?.to;
  if (to === undefined) return [];
  const other = Object.keys(mounts).find((at) => holds(at, to) || holds(to, at));
  if (other === undefined) return [];
  return entryProblem(entry, ["modelUpdates", "to"], {
    problem: `${other} is a mount of the entry, and the folder of the versions is a volume of its own`,
    allowed: `a folder outside of ${other}`,
    fix: `choose another folder, or remove the mount: the server reads the model from ${to}/current`,
  });
}

/** Log files in a folder that the server cannot write to. */
function logProblems(entry: Service, volumes: Volumes): FileProblem[] {
  const { logs, modelUpdates } = entry.fields;
  const readOnly = [...(modelUpdates ? [modelUpdates.to] : []), ...readOnlyPaths(entry, volumes)];
  return (logs?.files ?? []).flatMap((file, place) => {
    const mount = readOnly.find((at) => holds(at, file));
    if (mount === undefined) return [];
    return entryProblem(entry, ["logs", "files", place], {
      problem: `in ${mount}, which the server cannot write to`,
      allowed: "a file in a folder of its own, or in a mount with write: true",
      fix: "let the server write into a folder of its own, such as /var/log/server/*.log",
    });
  });
}
