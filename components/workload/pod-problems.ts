import { millicores } from "../../catalog/cpu";
import { sharedMemory } from "../../catalog/mount-path";
import type { Problem } from "../problem";
import { groupBounds, numberProblems, userBounds } from "./bounds";
import { defaultRequests, type RunAs } from "./container";
import { initContainerProblems } from "./init-containers";
import type { ContainerKind, PatchedPods } from "./pod-patch/fields";
import { podPatchProblems } from "./pod-patch/problems";
import { sidecarRequests } from "./sidecar-containers";
import { managedSidecarsOf } from "./sidecar-problems";
import type { WorkloadArgs } from "./workload";

/** What it says of a container beside the main one. */
interface Beside extends RunAs {
  cpu?: unknown;
  cpuLimit?: unknown;
  env?: object;
}

/** What a workload says of its pods, apart from where they run and what runs beside the main container. */
interface PodArgs extends Pick<
  WorkloadArgs,
  keyof RunAs | "labels" | "priorityClass" | "podPatch" | "podSecurity" | "gpus" | "pool"
> {
  serviceAccount?: object;
  cpu?: unknown;
  cpuLimit?: unknown;
  env?: object;
  mounts?: object;
  logs?: object;
  modelUpdates?: object;
  initContainers?: readonly (Beside & { name: string })[];
  sidecars?: Readonly<Record<string, Beside>>;
  annotations?: { pods?: object; service?: object; serviceAccount?: object };
}

/** What a workload's pods have for other reasons. */
interface PodFacts {
  /** Name of the main container. */
  main: string;
  /** The volumes of the stack that they mount. */
  volumes: readonly { name: string; kind?: string }[];
  /** The pool that they run on. @default none, or not known */
  pool?: PatchedPods["pool"];
  /** Annotations that are written in any case, by object. @default none */
  kept?: { pods?: object; service?: object };
  /** For a job, whether Kubernetes numbers its pods. @default they are those of a service */
  job?: { numbered: boolean };
  /** Whether a server is told of new models by a signal. @default false */
  signalled?: boolean;
  /** Variables that we give the main container. @default [] */
  variables?: readonly string[];
  /** Paths of the main container at which we mount something. @default [] */
  paths?: readonly string[];
}

/** Everything that is wrong with what a workload says of its pods. */
export function podProblems(args: PodArgs, facts: PodFacts): Problem[] {
  const { main, volumes, kept = {} } = facts;
  const bucket = volumes.some(({ kind }) => kind === "bucket");
  const { labels = {}, annotations = {} } = args;
  const { pods = {}, service = {}, serviceAccount = {} } = annotations;
  return [
    ...runAsProblems([], args),
    ...keyProblems(["labels"], labels, keptLabels),
    ...keyProblems(["annotations", "pods"], pods, [...keptAnnotations, ...keysOf(kept.pods)]),
    ...appArmorProblems(pods),
    ...keyProblems(["annotations", "service"], service, [
      ...keptAnnotations,
      ...keysOf(kept.service),
    ]),
    ...keyProblems(["annotations", "serviceAccount"], serviceAccount, keptAnnotations),
    ...(bucket ? identityProblems(serviceAccount) : []),
    ...accountProblems(args, bucket),
    ...priorityProblems(args.priorityClass),
    ...podPatchProblems(args.podPatch, patchedPods(args, facts)),
    ...limitProblems([], args, defaultRequests.cpu),
    ...(facts.job?.numbered ? numberedProblems(args) : []),
    ...initContainerProblems(args, main),
    ...containersBeside(args).flatMap(({ at, of, usual }) => {
      const { cpu, cpuLimit = args.cpuLimit } = of;
      return [...runAsProblems(at, of), ...limitProblems(at, { cpu, cpuLimit }, usual)];
    }),
  ];
}

/** The containers that the entry has beside the main one, where it has them, and the CPU that they are promised without a word. */
function containersBeside({ initContainers = [], sidecars = {} }: PodArgs) {
  const beside = (at: Problem["path"], of: Beside, usual: string) => ({ at, of, usual });
  return [
    ...initContainers.map((of, place) =>
      beside(["initContainers", place], of, defaultRequests.cpu),
    ),
    ...Object.entries(sidecars).map(([name, of]) =>
      beside(["sidecars", name], of, sidecarRequests.cpu),
    ),
  ];
}

/** What is wrong with whom a container runs as; without a user, the runtime starts no container with a group (docs/facts.md 14.8). */
function runAsProblems(at: Problem["path"], { user, group }: RunAs): Problem[] {
  const problems = user === undefined ? [] : numberProblems([...at, "user"], user, userBounds);
  if (group === undefined) return problems;
  problems.push(...numberProblems([...at, "group"], group, groupBounds));
  if (user !== undefined) return problems;
  return [
    ...problems,
    {
      ...{ path: [...at, "group"], found: String(group) },
      problem: "a group without a user",
      allowed: "group beside user",
      fix: "add user, the number that the image runs as: `docker run --rm --entrypoint id IMAGE` prints it as uid",
    },
  ];
}

/** The pods as a patch of their spec finds them. */
function patchedPods(args: PodArgs, facts: PodFacts): PatchedPods {
  const { sidecars = {}, initContainers = [], gpus = 0, podSecurity = "restricted" } = args;
  const { main, volumes, pool, job, signalled = false, variables = [], paths = [] } = facts;
  const ours = job?.numbered ? [podNumber] : [];
  const container = (name: string, kind: ContainerKind, { env }: Pick<Beside, "env">) =>
    [name, { kind, variables: [...keysOf(env), ...ours] }] as const;
  return {
    ...{ job: job !== undefined, numbered: job?.numbered ?? false, signalled },
    ...{ pool, level: podSecurity },
    counted: gpus > 0 || args.pool !== undefined,
    disk: volumes.some(({ kind = "" }) => ["disk", "claim"].includes(kind)),
    containers: new Map([
      ...managedSidecarsOf(args).map((name) => container(name, "managed", {})),
      ...Object.entries(sidecars).map(([name, of]) => container(name, "sidecar", of)),
      ...initContainers.map((of) => container(of.name, "init", of)),
      [main, { kind: "main", variables: [...keysOf(args.env), ...ours, ...variables] }] as const,
    ]),
    volumes: volumes.map(({ name }) => name),
    paths: [...keysOf(args.mounts), ...paths, sharedMemory],
  };
}

const keysOf = (map: object = {}) => Object.keys(map);

/** Labels that pods are found by, ours and those of Kubernetes' controllers; a `/` at the end stands for all behind it. */
const keptLabels = [
  ...["app", "app.kubernetes.io/name", "app.kubernetes.io/managed-by", "app.kubernetes.io/part-of"],
  ...["gpu-serving/", "batch.kubernetes.io/", "controller-uid", "job-name", "pod-template-hash"],
  "leaderworkerset.sigs.k8s.io/",
];

/** Annotations that decide how Pulumi makes an object and what we find in it; a `/` at the end stands for all behind it. */
const keptAnnotations = ["gpu-serving/", "pulumi.com/", "leaderworkerset.sigs.k8s.io/"];

/** Annotations by which containers get an AppArmor profile, one for each container (docs/facts.md 14.11). */
const appArmor = "container.apparmor.security.beta.kubernetes.io/";

function appArmorProblems(annotations: object): Problem[] {
  return Object.entries(annotations)
    .filter(([key]) => key.startsWith(appArmor))
    .map(([key, value]) => ({
      ...{ path: ["annotations", "pods", key], found: shown(value) },
      problem: "the old way to choose a profile of AppArmor, which Pod Security limits too",
      allowed: `keys other than ${appArmor}...`,
      fix: "remove it, or set securityContext.appArmorProfile of the container in podPatch",
    }));
}

/** Variable in which Kubernetes tells each container of a numbered pod the number (docs/facts.md 13.9). */
const podNumber = "JOB_COMPLETION_INDEX";

/** Values of the entry's own for that variable: all pods would take themselves for the same one. */
function numberedProblems(args: PodArgs): Problem[] {
  return [{ at: [], of: args }, ...containersBeside(args)]
    .filter(({ of: { env = {} } }) => Object.hasOwn(env, podNumber))
    .map(({ at }) => ({
      ...{ path: [...at, "env", podNumber], found: "a value", fix: "remove it" },
      problem: "a variable that each of several pods gets its own number in",
      allowed: `names other than ${podNumber}`,
    }));
}

const shown = (value: unknown) => (typeof value === "string" ? JSON.stringify(value) : "a value");

function keyProblems(at: string[], map: object, kept: readonly string[]): Problem[] {
  const isKept = (key: string) =>
    kept.some((one) => key === one || (one.endsWith("/") && key.startsWith(one)));
  return Object.entries(map)
    .filter(([key]) => isKept(key))
    .map(([key, value]) => ({
      ...{ path: [...at, key], found: shown(value) },
      problem: "written by us, and what we promise depends on it",
      allowed: `keys other than ${kept.map((one) => (one.endsWith("/") ? `${one}...` : one)).join(", ")}`,
      fix: "remove it, or use a key of your own",
    }));
}

/** Annotations by which clouds give the pods of a service account another identity. */
const identities = [
  ...["iam.gke.io/gcp-service-account", "eks.amazonaws.com/role-arn"],
  "azure.workload.identity/client-id",
];

function identityProblems(annotations: object): Problem[] {
  return Object.keys(annotations)
    .filter((key) => identities.includes(key))
    .map((key) => ({
      ...{ path: ["annotations", "serviceAccount", key], found: "an identity" },
      problem: "the identity of this account is the one that may use the bucket",
      allowed: `keys other than ${identities.join(", ")} where a bucket is mounted`,
      fix: "remove it, and grant what else the pods need to that identity; or use no bucket",
    }));
}

/** What an account that somebody else makes cannot have from us. */
function accountProblems(
  { serviceAccount, annotations = {} }: PodArgs,
  bucket: boolean,
): Problem[] {
  if (!serviceAccount) return [];
  const ours = { allowed: "an account of the entry's own", found: "an existing account" };
  const problems: Problem[] = [];
  if (bucket) {
    problems.push({
      ...{ ...ours, path: ["serviceAccount"] },
      problem: "a bucket is read by the identity of an account that we make",
      fix: "remove it, and bind what the existing account may do to the account with the name of the entry; or use no bucket",
    });
  }
  if (Object.keys(annotations.serviceAccount ?? {}).length > 0) {
    problems.push({
      ...{ ...ours, path: ["annotations", "serviceAccount"] },
      problem: "the account is there already, and we change nothing of it",
      fix: "remove them here, and annotate the account where it is made",
    });
  }
  return problems;
}

/** Classes with which a model would take the place of the cluster's own pods. */
function priorityProblems(priorityClass = ""): Problem[] {
  if (!priorityClass.startsWith("system-")) return [];
  return [
    {
      ...{ path: ["priorityClass"], found: JSON.stringify(priorityClass) },
      problem: "kept by Kubernetes for the cluster's own pods, which it would take the place of",
      allowed: 'names that do not start with "system-"',
      fix: "copy one from `kubectl get priorityclasses`, or have one made for it",
    },
  ];
}

/** A limit on CPU below what is promised, as far as both are known before the run; `usual` is what is promised without a word. */
function limitProblems(
  at: Problem["path"],
  said: { cpu?: unknown; cpuLimit?: unknown },
  usual: string,
): Problem[] {
  const { cpu = usual, cpuLimit } = said;
  if (typeof cpu !== "string" || typeof cpuLimit !== "string") return [];
  if (millicores(cpuLimit) >= millicores(cpu)) return [];
  return [
    {
      ...{ path: [...at, "cpuLimit"], found: JSON.stringify(cpuLimit) },
      problem: "less than the container is promised",
      allowed: `${cpu} or more`,
      fix: "raise it, or lower cpu",
    },
  ];
}
