import { exposureProblems } from "../../components/serving/service-problems";
import { argumentProblems, entryProblem, type Service } from "../entry";
import type { FileProblem } from "../problems";
import type { AnyCluster } from "../schema";

/** What is wrong with who may reach a service, on that cluster. */
export function exposedProblems(entry: Service, cluster: AnyCluster): FileProblem[] {
  const { expose } = entry.fields;
  const problems = argumentProblems(entry, exposureProblems(expose));
  if (expose.scope !== "internal" || saysInternal(cluster)) return problems;
  const unknown = entryProblem(entry, ["expose", "scope"], {
    problem: "this cluster does not say how an internal load balancer is made",
    allowed: "cluster, public; internal once cluster.loadBalancer.internal is there",
    fix: "add cluster.loadBalancer.internal with the class or annotations that your cloud's internal load balancer takes",
  });
  return [...problems, unknown];
}

/** Whether the cluster says how an internal load balancer is made; another stack says it for its own. */
function saysInternal(cluster: AnyCluster): boolean {
  if (cluster.kind !== "existing" || cluster.stack !== undefined) return true;
  return cluster.loadBalancer.internal !== undefined;
}
