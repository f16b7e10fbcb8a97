import { podsOfJob } from "../../components/jobs/job-problems";
import type { PlacedPool } from "../../components/cluster/cluster";
import type { Problem } from "../../components/problem";
import { podsOfServer } from "../../components/serving/service-problems";
import { choosePool } from "../../components/workload/placement-problems";
import { podProblems } from "../../components/workload/pod-problems";
import type { OtherCluster } from "../other-stack";
import type { JobConfig, ServiceConfig, Stack } from "../stack";
import { refused } from "./state";

/** What entries meet on the cluster of another stack. */
type There = Pick<OtherCluster, "pools" | "loadBalancers">;

/**
 * Refuses an `up` or preview of entries that do not fit the cluster of another stack, before anything is registered: their pools, and
 * what that cluster writes on load balancers, the stack file does not know.
 */
export function refuseOnOtherCluster(
  { services, jobs }: Pick<Stack, "services" | "jobs">,
  other: There | undefined,
): void {
  if (!other) return;
  const problems = [
    ...Object.entries(services).flatMap(([name, entry]) =>
      serviceProblems(entry, other).map((of) => ({ ...of, path: ["services", name, ...of.path] })),
    ),
    ...Object.entries(jobs).flatMap(([name, entry]) =>
      placed(entry, other, podsOfJob(entry)).map((of) => ({
        ...of,
        path: ["jobs", name, ...of.path],
      })),
    ),
  ];
  if (problems.length > 0) throw refused(...problems);
}

function serviceProblems(entry: ServiceConfig, other: There): Problem[] {
  const { scope } = entry.expose;
  const loadBalancer = scope === "cluster" ? undefined : other.loadBalancers[scope];
  const { annotations: service } = loadBalancer ?? {};
  const problems = placed(entry, other, { ...podsOfServer(entry), kept: { service } });
  if (scope === "cluster" || loadBalancer) return problems;
  return [
    ...problems,
    {
      ...{ path: ["expose", "scope"], found: JSON.stringify(scope) },
      problem: `the stack of the cluster does not say how a load balancer of scope ${scope} is made`,
      allowed: ["cluster", ...Object.keys(other.loadBalancers)].join(", "),
      fix: `choose one of these, or add cluster.loadBalancer.${scope} in the stack of the cluster and run pulumi up there`,
    },
  ];
}

/** What is wrong with where the pods of an entry run, and with what it says of them there. */
function placed(
  entry: ServiceConfig | JobConfig,
  { pools }: There,
  facts: Omit<Parameters<typeof podProblems>[1], "main" | "volumes" | "pool">,
): Problem[] {
  const { name = "", problems } = choosePool(entry, pools);
  const pool: PlacedPool | undefined = pools[name];
  // What the stack file alone tells, among it the volumes, has been checked.
  return [
    ...problems,
    ...podProblems(
      { ...entry, pool: pool?.name },
      { main: entry.container, volumes: [], pool, ...facts },
    ),
  ];
}
