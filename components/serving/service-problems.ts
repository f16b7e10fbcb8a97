import { posix } from "node:path";
import { range } from "../../catalog/cidr";
import type { PlacedPool } from "../cluster/cluster";
import type { Problem } from "../problem";
import { numberProblems, portBounds, type Bounds } from "../workload/bounds";
import { healthProblems } from "../workload/container";
import { placementProblems } from "../workload/placement-problems";
import { podProblems } from "../workload/pod-problems";
import { programProblems } from "../workload/program-problems";
import { managedSidecarsOf, sidecarProblems } from "../workload/sidecar-problems";
import { volumesIn, type BucketOfVolume, type Volume } from "../workload/volumes";
import { rangeProblems, scaleOnProblems } from "./autoscaling/problems";
import type { ReplicaRange } from "./autoscaling/scale-on";
import { loadBalancerOf, type Exposure } from "./exposure";
import type { LogShipping } from "./log-shipping";
import { serverVariable, type ModelUpdates } from "./model-updates";
import { startVariable } from "./multi-node/group";
import { portProblems } from "./ports";
import type { CompleteArgs } from "./service-plan";

/** Whole numbers that the arguments of a service can be; times are in seconds. */
export const serviceBounds = {
  port: portBounds,
  replicas: [0, 5000],
  startup: [10, 12 * 3600],
  drain: [0, 3600],
} as const satisfies Record<string, Bounds>;

/** The pool that a service's replicas run on, and everything that is wrong with the service. */
export function serviceProblems(
  name: string,
  args: CompleteArgs,
): { pool?: PlacedPool; problems: Problem[] } {
  const { port, replicas, startup, drain, sidecars = {}, container: main = name } = args;
  const pods = { field: "replicas", count: replicas * (args.nodeGroup?.nodes ?? 1) };
  const updated = args.modelUpdates ? [args.modelUpdates.from.volume] : [];
  const read = args.buckets ?? [];
  const loadBalancer = loadBalancerOf(args.cluster, args.expose);
  const { pool, problems } = placementProblems(args, pods, args.cluster.pools);
  return {
    pool,
    problems: [
      ...numberProblems(["port"], port, serviceBounds.port),
      ...(args.range
        ? scalingProblems(args, args.range)
        : numberProblems(["replicas"], replicas, serviceBounds.replicas)),
      ...numberProblems(["startup"], startup, serviceBounds.startup),
      ...numberProblems(["drain"], drain, serviceBounds.drain),
      ...exposureProblems(args.expose),
      ...portProblems(port, args.ports, args.expose),
      ...healthProblems(["health"], args.health),
      ...programProblems(args),
      ...problems,
      ...podProblems(args, {
        ...{ main, volumes: [...volumesIn(args), ...updated, ...read], ...podsOfServer(args) },
        ...{ pool, kept: { service: loadBalancer?.annotations } },
      }),
      ...bucketProblems(read, [...volumesIn(args), ...updated]),
      ...serverProblems(name, args),
      ...sidecarProblems(sidecars, { main, ports: new Map([[port, "the server"]]) }),
    ],
  };
}

/** What is wrong with a range of replicas and what it follows. */
function scalingProblems(args: CompleteArgs, range: ReplicaRange): Problem[] {
  const { scaleOn, figures, autoscaler } = args;
  const prometheus = autoscaler?.prometheus !== undefined;
  return [
    ...rangeProblems(range, serviceBounds.replicas),
    ...scaleOnProblems(range, scaleOn, { figures, keda: autoscaler !== undefined, prometheus }),
  ];
}

/** Buckets that are read without a mount and mounted as well: clouds know one access of an account to a bucket. */
function bucketProblems(read: readonly BucketOfVolume[], mounted: readonly Volume[]): Problem[] {
  return read.flatMap(({ name }, place) =>
    mounted.some((volume) => volume.name === name)
      ? [
          {
            ...{ path: ["buckets", place], found: JSON.stringify(name) },
            problem: "mounted as well",
            allowed: "a bucket that the pods do not mount",
            fix: "remove it, and let the server read the mount",
          },
        ]
      : [],
  );
}

/** Whether one replica is several pods, as a service and its entry say it. */
interface Spread {
  nodeGroup?: object;
  nodesPerReplica?: number;
}

function isSpread({ nodeGroup, nodesPerReplica = 1 }: Spread): boolean {
  return nodeGroup !== undefined || nodesPerReplica > 1;
}

/** What the pods of a server have that no argument says: how it finds new models, and folders of ours. */
export function podsOfServer({
  modelUpdates,
  logs,
  ...server
}: Spread & {
  modelUpdates?: Pick<ModelUpdates, "to" | "notify">;
  logs?: Pick<LogShipping, "files">;
}) {
  const { to, notify } = modelUpdates ?? {};
  const signalled = notify !== undefined && "signal" in notify;
  return {
    signalled,
    variables: [
      ...(signalled ? [serverVariable] : []),
      ...(isSpread(server) ? [startVariable] : []),
    ],
    paths: [
      ...(to === undefined ? [] : [to]),
      ...(logs?.files ?? []).map((file) => posix.dirname(file)),
    ],
  };
}

/** Widest range that still says who may connect, as the fewest leading bits. */
const widest = { 4: 8, 6: 16 } as const;

/** What is wrong with who may reach a service. */
export function exposureProblems({ scope = "cluster", allow = [] }: Exposure): Problem[] {
  const at = { path: ["expose", "allow"] };
  if (scope === "internal" || (scope === "cluster" && allow.length === 0)) return [];
  if (scope === "cluster") {
    return [
      {
        ...{ ...at, found: JSON.stringify(allow) },
        problem: "nothing to limit: without a load balancer only the cluster connects",
        allowed: "ranges beside scope: internal or scope: public",
        fix: "add scope: public or scope: internal, or remove allow",
      },
    ];
  }
  if (allow.length === 0) {
    return [
      {
        ...{ ...at, found: "nothing" },
        problem: "no ranges: the whole internet could use these GPUs",
        allowed: "at least one range narrower than the internet",
        fix: "list the ranges your callers come from, for example allow: [203.0.113.0/24]",
      },
    ];
  }
  return allow.flatMap((text, place) => {
    const parsed = range(text);
    if (parsed === undefined || parsed.length >= widest[parsed.family]) return [];
    return [
      {
        ...{ path: [...at.path, place], found: JSON.stringify(text) },
        problem: "too wide: the whole internet, or much of it, could use these GPUs",
        allowed: `ranges of /${widest[4]} or longer (IPv4), /${widest[6]} or longer (IPv6)`,
        fix: "list the ranges your callers come from instead, for example 203.0.113.0/24",
      },
    ];
  });
}

/** What a service says of its main container and of ours. */
interface Server extends Spread {
  container?: string;
  env?: object;
  logs?: object;
  user?: number;
  modelUpdates?: Pick<ModelUpdates, "notify">;
}

/** A main container that is called like one of ours in the same pods, sets a variable of ours, or runs as another user than is signalled. */
export function serverProblems(name: string, server: Server): Problem[] {
  const { container, env = {}, user, modelUpdates } = server;
  const notify = modelUpdates?.notify;
  const signalled = notify && "signal" in notify ? notify : undefined;
  const main = container ?? name;
  const ours = managedSidecarsOf(server);
  const problems: Problem[] = [];
  if (ours.includes(main)) {
    problems.push({
      path: ["container"],
      problem:
        container === undefined
          ? `missing: by default it is ${main}, like a container that we add to these pods`
          : "name of a container that we add to these pods",
      found: JSON.stringify(container) ?? "nothing",
      allowed: `a name other than ${ours.join(", ")}`,
      fix: "name the container, for example container: server",
    });
  }
  if (signalled && user !== undefined && user !== signalled.user) {
    problems.push({
      ...{ path: ["user"], found: String(user) },
      problem: "another user than modelUpdates.notify says the server runs as",
      allowed: `${signalled.user}, so that the signal reaches the server`,
      fix: "remove it, or write the same number in both places",
    });
  }
  const set = {
    ...(signalled && { [serverVariable]: "to find the server that is signalled" }),
    ...(isSpread(server) && {
      [startVariable]: "to say how long the nodes of a replica wait for each other",
    }),
  };
  for (const [variable, what] of Object.entries(set)) {
    if (!Object.hasOwn(env, variable)) continue;
    problems.push({
      ...{ path: ["env", variable], found: "a value", fix: "rename it" },
      problem: `a variable that we set, ${what}`,
      allowed: `names other than ${variable}`,
    });
  }
  return problems;
}
