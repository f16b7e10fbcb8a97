import type { NameForm } from "../limits";
import type { Problem } from "../../problem";
import { limits } from "./limits";
import type { PreflightCluster } from "./rule";

/** What is wrong with the name of a cluster in its cloud. */
export function clusterNameProblem({ kind, clusterName }: PreflightCluster): Problem | undefined {
  const { clusterName: name } = limits[kind];
  if (clusterName === undefined || fits(clusterName, name)) return undefined;
  return {
    path: ["clusterName"],
    problem: "not a name of a cluster",
    found: JSON.stringify(clusterName),
    allowed: name.allowed,
    fix: "set clusterName, or shorten the name of the stack",
  };
}

/** What is wrong with the name of a pool, of which the cloud's and Kubernetes's names are made. */
export function poolNameProblem(
  { kind }: Pick<PreflightCluster, "kind">,
  name: string,
): Problem | undefined {
  const { poolName } = limits[kind];
  if (poolName === undefined || fits(name, poolName)) return undefined;
  return {
    path: ["pools", name],
    problem: poolName.taken?.includes(name)
      ? `a name that ${kind} has itself`
      : "not a name of a pool",
    found: JSON.stringify(name),
    allowed: poolName.allowed,
    fix: "rename the pool, for example after its GPU: l4",
  };
}

function fits(name: string, { form, longest, taken = [] }: NameForm): boolean {
  return form.test(name) && name.length <= longest && !taken.includes(name);
}
