import type * as pulumi from "@pulumi/pulumi";
import type { PlacedPool } from "../cluster/cluster";
import { probes, type Health } from "../workload/container";
import type { Door } from "../workload/network";
import type { PodExtras } from "../workload/pod";
import { spread } from "../workload/scheduling";
import { spare } from "../workload/spare";
import { announced, type Metrics } from "../workload/metrics";
import { ownVolume, shareNode, type BucketOfVolume } from "../workload/volumes";
import type { Figures } from "./autoscaling/figures";
import { defaultScaleOn, type ReplicaRange, type ScaleOn } from "./autoscaling/scale-on";
import type { Autoscaler } from "./autoscaling/scaler";
import { startTime, windows } from "./autoscaling/windows";
import { exposedService, loadBalancerOf, type Exposure } from "./exposure";
import { lastLines, logShipping, type LogShipping } from "./log-shipping";
import {
  groupExtras,
  leaderLabels,
  slowNetwork,
  startVariable,
  type NodeGroup,
} from "./multi-node/group";
import { modelUpdates, type ModelUpdates } from "./model-updates";
import { containerPorts, doorsOf, servicePorts, type Ports } from "./ports";
import { placement, reclaimedEarly, strategy, times, type Strategy, type Times } from "./rollout";
import type { PodAnnotations, WorkloadArgs } from "../workload/workload";

/** Annotations, by the objects that have them. */
export interface ServiceAnnotations extends PodAnnotations {
  /** Of the Service, besides those that its exposure needs. @default {} */
  service?: Readonly<Record<string, pulumi.Input<string>>>;
}

/** Arguments for an inference service, whose image serves a model over HTTP. */
export interface InferenceServiceArgs extends WorkloadArgs {
  /** Annotations of its pods, its Service and its service account. @default {} */
  annotations?: ServiceAnnotations;
  /** Port the server listens on, 1 to 65535. @default 8000 */
  port?: number;
  /** Replicas that run, 0 to 5000, or a range of them; with 0 the service keeps its address and nothing answers there. @default 1 */
  replicas?: number | ReplicaRange;
  /** What the number of replicas follows within their range. @default requests that wait and the cache of its engine */
  scaleOn?: readonly ScaleOn[];
  /** Where KEDA finds that; without it a service scales on CPU alone. @default there is no KEDA */
  autoscaler?: Autoscaler;
  /** Figures of its server in Prometheus. @default none are known */
  figures?: Figures;
  /** More ports of its pods by name, of sidecar containers too: the Service offers each by its own number. @default {} */
  ports?: Ports;
  /** How a replica is asked whether the model can answer, a path that answers 200 for short. @default a replica is ready when its port takes connections */
  health?: Health;
  /** Command in the container that makes a real request and ends with 0 when it was answered: a new replica counts only then. @default it is asked by `health` */
  firstAnswer?: readonly pulumi.Input<string>[];
  /** Command in the container that waits `before` seconds, and then until no request is worked on: for servers that drop their requests when they are told to stop. @default a pause of that many seconds */
  waitForIdle?: (before: number) => readonly string[];
  /** Folders that the server writes to, each a volume of the pod's own, by absolute path: the most that it may hold. Those that are mounted are left out. @default {} */
  ownFolders?: Readonly<Record<string, string>>;
  /** Buckets that the server reads itself, without a mount, by the identity of its pods. @default [] */
  buckets?: readonly BucketOfVolume[];
  /** Seconds a replica may take from its node to its first answer, image pull included, 10 to 43200. @default 600 */
  startup?: number;
  /** Seconds that requests in flight get to finish when a replica stops. @default 30 */
  drain?: number;
  /** Who can reach the service. @default the cluster alone */
  expose?: Exposure;
  /** Whether its Service object limits source ranges, of an earlier exposure too. @default false */
  limitedBefore?: boolean;
  /** New versions of the model that come while the server runs. @default none come */
  modelUpdates?: ModelUpdates;
  /** Where Prometheus reads the figures of each replica. @default it tells none */
  metrics?: Metrics;
  /** Where the server's log files go. @default what it prints is all there is */
  logs?: LogShipping;
  /** Whole replicas that fit the pool, or without GPUs the node of their disk, beside everything else at its maximum. @default what this service alone leaves free, none beside a disk */
  surgeSlots?: number;
  /** Seconds that rollouts of other services may hold those slots. @default 0 */
  surgeWaitSeconds?: number;
}

/** The arguments with their defaults. */
export function withDefaults(args: InferenceServiceArgs & { nodeGroup?: NodeGroup }) {
  const { port = 8000, ports = {}, gpus = 0, replicas: said = 1 } = args;
  const { startup = 600, drain = 30, expose = {}, figures = {} } = args;
  const range = typeof said === "number" ? undefined : said;
  const replicas = typeof said === "number" ? said : said.max;
  const scaleOn = args.scaleOn ?? (range ? defaultScaleOn(figures) : []);
  const scaling = { replicas, range, scaleOn, figures };
  return { ...args, port, ports, gpus, ...scaling, startup, drain, expose };
}

/** Arguments of which none is left open that has a default; of a range, `replicas` is the most. */
export type CompleteArgs = ReturnType<typeof withDefaults>;

/**
 * What follows from the arguments of a service that passed the checks and the pool that they found, before anything of it is made:
 * how and in which times replicas are replaced, what each pod has besides what every workload has, where pods take connections, the
 * annotations and spec of the Service, the spec of another one where a load balancer must not offer all ports, and what to warn of.
 */
export function planService(name: string, args: CompleteArgs, pool: PlacedPool | undefined) {
  const { cluster, port, ports, expose, nodeGroup } = args;
  const exposed = (of: typeof offered, balancer: typeof loadBalancer, to: Exposure) => {
    const spec = exposedService(name, of, balancer, to);
    // Members take no requests.
    return nodeGroup ? { ...spec, selector: leaderLabels(name) } : spec;
  };
  const loadBalancer = loadBalancerOf(cluster, expose);
  const open = loadBalancer !== undefined;
  const { offered, inside } = servicePorts(port, ports, open);
  const rollingUpdate = strategy(availableSlots(args, pool));
  const time = times({
    ...args,
    pool,
    loadBalancer,
    lastLines: args.logs && lastLines,
    nodes: nodeGroup?.nodes,
  });
  return {
    ...{ rollingUpdate, times: time },
    windows: windows(startTime(time, pool, loadBalancer), args.range),
    placement: placement({ ...args, pool }),
    pod: podExtras(name, args, pool, time),
    ...{ open, doors: [...doorsOf(port, ports, open), ...doorOfMonitors(args)] },
    service: {
      spec: exposed(offered, loadBalancer, expose),
      annotations: args.annotations?.service
        ? { ...args.annotations.service, ...loadBalancer?.annotations }
        : loadBalancer?.annotations,
    },
    inside: inside.length > 0 ? exposed(inside, undefined, {}) : undefined,
    // Nothing of a service without replicas can be lost.
    warnings:
      args.replicas === 0
        ? []
        : [
            ...(loadBalancer ? reclaimedEarly(time, pool) : []),
            ...downtime(args, pool, rollingUpdate, time),
            ...(nodeGroup ? slowNetwork(pool) : []),
          ],
  };
}

/** Where those come in that read the figures of a service. */
function doorOfMonitors({ metrics, network }: CompleteArgs): Door[] {
  const { monitors } = network ?? {};
  return metrics && monitors ? [{ port: metrics.port, open: false, callers: monitors }] : [];
}

/** What follows from the arguments of a service. */
export type ServicePlan = ReturnType<typeof planService>;

/** Replicas that may start before the ones that they replace have stopped. */
function availableSlots(args: CompleteArgs, pool: PlacedPool | undefined): number {
  const { gpus, replicas, surgeSlots, nodeGroup: { nodes = 1 } = {} } = args;
  const tied = tiedToNode(args, pool);
  if (pool && gpus > 0) {
    const free = () => spare(pool, [{ gpus, count: replicas * nodes }], { gpus });
    return tied ? 0 : (surgeSlots ?? Math.floor(free() / nodes));
  }
  // Without GPUs whoever counts all pods of the pool knows whether the node of the disk has room.
  return surgeSlots ?? (tied && pool?.gpusPerNode === 0 && pool.room ? 0 : 1);
}

/** Whether a disk keeps the replicas on one node of several: only a pool of one node tells how full that node is. */
function tiedToNode({ mounts = {}, modelUpdates: updates }: CompleteArgs, pool?: PlacedPool) {
  if (pool?.maxNodes === 1) return false;
  const mounted = Object.values(mounts).map(({ volume }) => volume);
  return shareNode(updates ? [...mounted, updates.from.volume] : mounted);
}

function podExtras(
  name: string,
  args: CompleteArgs,
  pool: PlacedPool | undefined,
  { terminationGrace, preStop, startup }: Times,
): PodExtras {
  const { port, ports, health, sidecars = {}, nodeGroup } = args;
  const ofGroup = nodeGroup && groupExtras(name, args, pool);
  const updates = args.modelUpdates && modelUpdates(args.modelUpdates, port);
  const logs = args.logs && logShipping(name, args.logs, { ...args.mounts, ...updates?.mounts });
  // Groups are to be near, and have no label of a version that they could spread by.
  const where = nodeGroup ? {} : spread(name);
  return {
    ...{ ...ofGroup, pool },
    spec: { terminationGracePeriodSeconds: terminationGrace, ...where, ...updates?.spec },
    managed: [...(logs?.managed ?? []), ...(updates?.managed ?? [])],
    mounts: { ...updates?.mounts, ...logs?.mounts },
    folders: foldersOf(args),
    buckets: args.buckets,
    annotations: announced(args.metrics),
    variables: [
      ...(nodeGroup ? [{ name: startVariable, value: `${startup}` }] : []),
      ...(updates?.variables ?? []),
    ],
    user: updates?.user,
    main: {
      ...ofGroup?.main,
      ports: containerPorts(port, ports, sidecars),
      lifecycle: { preStop: pauseBeforeStop(args, preStop) },
      ...probes(port, health, startup, args.firstAnswer),
    },
  };
}

/** What a pod does before its server is told to stop. */
function pauseBeforeStop({ waitForIdle }: CompleteArgs, seconds: number) {
  if (!waitForIdle) return { sleep: { seconds } };
  return { exec: { command: [...waitForIdle(seconds)] } };
}

/** The folders of a server that nobody mounts something at. */
function foldersOf({ ownFolders = {}, mounts = {} }: CompleteArgs): PodExtras["folders"] {
  return Object.entries(ownFolders)
    .filter(([path]) => !Object.hasOwn(mounts, path))
    .map(([path, sizeLimit], at) => ({
      path,
      volume: { name: ownVolume(`folder-${at}`), emptyDir: { sizeLimit } },
    }));
}

function downtime(
  args: CompleteArgs,
  pool: PlacedPool | undefined,
  { maxSurge }: Strategy,
  { progressDeadline }: Times,
): string[] {
  if ((args.range?.min ?? args.replicas) > 1 || maxSurge > 0) return [];
  const where = pool ? ` on pool ${pool.name}` : "";
  const fix = tiedToNode(args, pool)
    ? "It mounts a disk, which keeps it on one node: a bucket, or a claim that many nodes mount, avoids it"
    : "Raise nodes.max of the pool, or the namespace's quota where that is smaller, to avoid it";
  return [
    `one replica and no surge capacity${where} for a second one, so each update is a downtime of up to ${progressDeadline} s. ${fix}.`,
  ];
}
