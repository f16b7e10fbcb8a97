import type { ModelShape } from "../catalog/model";
import type { Problem } from "../components/problem";
import type { InferenceServiceArgs } from "../components/serving/inference-service";
import type { MultiNodeServiceArgs } from "../components/serving/multi-node/multi-node-service";
import { cron, shortestGap } from "../values/cron";
import { volumesOf } from "../values/mount";
import { mostReplicas } from "./autoscaling/counts";
import { podDemand, type Demand } from "./derived/demand";
import { isMap, valueAt } from "./lookup";
import type { FileProblem } from "./problems";
import type { JobEntry, Sections, ServiceEntry } from "./schema";
import type { Path, Words } from "./words";

interface EntryOf<Section, Fields> {
  /** File it is in. */
  file: string;
  /** Section of the file. */
  section: Section;
  /** Name it has there. */
  name: string;
  /** What the file says of it, defaults applied. */
  fields: Fields;
  /** Keys that the file says of it, without those that have their defaults. */
  said: ReadonlySet<string>;
  /** Namespace that it goes to; undefined where its file names none that there is. */
  namespace?: string;
  /** Pods of it that run at the same time: replicas of a service, of each the nodes that it is spread over, workers or parallel pods of all runs of a job. */
  count: number;
  /** What one pod of it asks for. */
  demand: Demand;
}

/** What follows from a model and no key of an entry says. */
export type ModelServer = Pick<
  InferenceServiceArgs,
  "firstAnswer" | "waitForIdle" | "ownFolders" | "metrics" | "figures"
> &
  Partial<Pick<MultiNodeServiceArgs, "nodeGroup">>;

/** A service of a file; one with a model has everything that follows from it. */
export interface Service extends EntryOf<"services", ServiceEntry> {
  /** The shape of its model. @default it has none, or nobody knows it */
  shape?: ModelShape;
  /** Values that the file says, where those of its fields may be defaults that follow from a model. @default all of its fields */
  own?: Pick<InferenceServiceArgs, "gpus" | "startup" | "drain">;
  /** More of its container than its fields say. @default it has no model, or nobody knows yet where that goes */
  server?: ModelServer;
  /** The key that each mount follows from which the file does not say, by path. @default {} */
  mountedFor?: Readonly<Record<string, Path>>;
  /** Volume, a bucket, that its engine reads without a mount. @default it reads none */
  streams?: string;
}

/** A job of a file. */
export type Job = EntryOf<"jobs", JobEntry>;

/** A service or a job of a file. */
export type Entry = Service | Job;

/** Whether an entry is a service. */
export function isService(entry: Entry): entry is Service {
  return entry.section === "services";
}

/** Whether an entry is a job. */
export function isJob(entry: Entry): entry is Job {
  return entry.section === "jobs";
}

/** The services and jobs of a file, on the cluster and with the volumes of its stack. */
export function entriesOf(
  file: string,
  { services, jobs, namespace: own }: Pick<Sections, "services" | "jobs" | "namespace">,
  { cluster, volumes, namespaces }: Pick<Sections, "cluster" | "volumes" | "namespaces">,
  content: unknown,
): Entry[] {
  const declared = Object.keys(namespaces);
  const named = own ?? (declared.length === 1 ? declared[0] : undefined);
  const namespace = declared.find((name) => name === named);
  const demand = (fields: ServiceEntry | JobEntry) => demandOf(fields, { cluster, volumes });
  const said = (section: "services" | "jobs", name: string) => {
    const keys = valueAt(content, [section, name]);
    return new Set(isMap(keys) ? Object.keys(keys) : []);
  };
  return [
    ...Object.entries(services).map(([name, fields]): Service => ({
      ...{ file, section: "services", name, fields, namespace, said: said("services", name) },
      ...{ count: mostReplicas(fields), demand: demand(fields) },
    })),
    ...Object.entries(jobs).map(([name, fields]): Job => ({
      ...{ file, section: "jobs", name, fields, namespace, said: said("jobs", name) },
      ...{
        count: Math.max(fields.workers, fields.parallelism) * runsAtOnce(fields),
        demand: demand(fields),
      },
    })),
  ];
}

/** What one pod of an entry asks for, on the cluster and with the volumes of its stack. */
export function demandOf(
  fields: ServiceEntry | JobEntry,
  { cluster, volumes }: Pick<Sections, "cluster" | "volumes">,
): Demand {
  const mountsBucket = volumesOf(fields).some((name) => volumes[name]?.bucket !== undefined);
  return podDemand(fields, cluster.kind === "gke" && mountsBucket);
}

/** Most runs of a job at the same time: as many as its schedule starts within one run's time, where they may overlap. */
function runsAtOnce({ schedule, concurrency, timeout }: JobEntry): number {
  if (schedule === undefined || concurrency !== "allow") return 1;
  const due = cron(schedule);
  return "problem" in due ? 1 : Math.max(1, Math.ceil(timeout / shortestGap(due)));
}

/** What is wrong with a value of a service or a job. */
export function entryProblem({ file, section, name }: Entry, at: Path, words: Words): FileProblem {
  return { file, path: [section, name, ...at], ...words };
}

/** What is wrong with the name of a service or a job. */
export function nameProblem(entry: Entry, words: Words): FileProblem {
  return { ...entryProblem(entry, [], words), found: `"${entry.name}"` };
}

/** What a component has against the arguments that an entry becomes; a name as argument is the key of the entry. */
export function argumentProblems(entry: Entry, problems: readonly Problem[]): FileProblem[] {
  return problems.map(({ path, problem, found, allowed, fix, warning }) => {
    const words = { problem, allowed, fix, ...(warning && { warning }) };
    return path.at(-1) === "name"
      ? { ...entryProblem(entry, path.slice(0, -1), words), found }
      : entryProblem(entry, path, words);
  });
}
