import { range } from "../../catalog/cidr";
import type { PlacedPool } from "../cluster/cluster";
import type { Problem } from "../problem";
import { numberProblems, portBounds, type Bounds } from "../workload/bounds";
import { placementProblems } from "../workload/placement-problems";
import { sidecarProblems } from "../workload/sidecar-problems";
import { managedSidecarsOf } from "../workload/managed-sidecar-names";
import type { Exposure } from "./exposure";
import type { InferenceServiceArgs } from "./service-args";
import { serverVariable } from "./model-updates";

/** Whole numbers that the arguments of a service can be; times are in seconds. */
export const serviceBounds = {
  port: portBounds,
  replicas: [1, 5000],
  startup: [10, 12 * 3600],
  drain: [0, 3600],
} as const satisfies Record<string, Bounds>;

/** The plain values of a service, which decide whether it can be. */
export type ServiceShape = Required<
  Pick<InferenceServiceArgs, keyof typeof serviceBounds | "gpus" | "expose">
> &
  Pick<InferenceServiceArgs, "pool" | "sidecars"> &
  ServerShape;

/** What a service says of its main container and of ours. */
export interface ServerShape {
  container?: string;
  env?: Readonly<Record<string, unknown>>;
  logs?: object;
  modelUpdates?: { notify?: object };
}

/** The pool that a service's replicas run on, and everything that is wrong with the service. */
export function serviceProblems(
  name: string,
  shape: ServiceShape,
  pools: Readonly<Record<string, PlacedPool>>,
): { pool?: PlacedPool; problems: Problem[] } {
  const { port, replicas, startup, drain, expose, sidecars = {} } = shape;
  const pods = { field: "replicas", count: replicas };
  const placement = placementProblems(shape, pods, pools);
  const problems = [
    ...numberProblems(["port"], port, serviceBounds.port),
    ...numberProblems(["replicas"], replicas, serviceBounds.replicas),
    ...numberProblems(["startup"], startup, serviceBounds.startup),
    ...numberProblems(["drain"], drain, serviceBounds.drain),
    ...exposureProblems(expose),
    ...placement.problems,
    ...serverProblems(name, shape),
    ...sidecarProblems(sidecars, {
      main: shape.container ?? name,
      ports: new Map([[port, "the server"]]),
    }),
  ];
  return { pool: placement.pool, problems };
}

/** Widest range that still says who may connect, as the fewest leading bits. */
const widest = { 4: 8, 6: 16 } as const;

/** What is wrong with who may reach a service. */
export function exposureProblems({ scope = "cluster", allow = [] }: Exposure): Problem[] {
  const path = ["expose", "allow"];
  if (scope === "cluster") {
    if (allow.length === 0) return [];
    return [
      {
        ...{ path, found: JSON.stringify(allow) },
        problem: "nothing to limit: without a load balancer only the cluster connects",
        allowed: "ranges beside scope: internal or scope: public",
        fix: "add scope: public or scope: internal, or remove allow",
      },
    ];
  }
  if (scope === "internal") return [];
  if (allow.length === 0) {
    return [
      {
        ...{ path, found: "nothing" },
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
        ...{ path: [...path, place], found: JSON.stringify(text) },
        problem: "too wide: the whole internet, or much of it, could use these GPUs",
        allowed: `ranges of /${widest[4]} or longer (IPv4), /${widest[6]} or longer (IPv6)`,
        fix: "list the ranges your callers come from instead, for example 203.0.113.0/24",
      },
    ];
  });
}

/** A main container that is called like one of ours in the same pods, or that sets a variable of ours. */
export function serverProblems(
  name: string,
  { container, env = {}, logs, modelUpdates }: ServerShape,
): Problem[] {
  const main = container ?? name;
  const ours = managedSidecarsOf({ modelUpdates: !!modelUpdates, logs: !!logs });
  const notify = modelUpdates?.notify;
  const signalled = notify !== undefined && "signal" in notify;
  return [
    ...(ours.includes(main)
      ? [
          {
            path: ["container"],
            problem:
              container === undefined
                ? `missing: by default it is ${main}, like a container that we add to these pods`
                : "name of a container that we add to these pods",
            found: JSON.stringify(container) ?? "nothing",
            allowed: `a name other than ${ours.join(", ")}`,
            fix: "name the container, for example container: server",
          },
        ]
      : []),
    ...(signalled && Object.hasOwn(env, serverVariable)
      ? [
          {
            path: ["env", serverVariable],
            problem: "a variable that we set, to find the server that is signalled",
            found: "a value",
            allowed: `names other than ${serverVariable}`,
            fix: "rename it",
          },
        ]
      : []),
  ];
}
