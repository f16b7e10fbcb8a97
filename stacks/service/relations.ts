import { portProblems } from "../../components/serving/ports";
import { exposureProblems } from "../../components/serving/service-problems";
import { meantOr } from "../../components/spelling";
import { admits, receiverOf } from "../derived/network";
import { argumentProblems, entryProblem, isService, type Entry, type Service } from "../entry";
import type { FileProblem } from "../problems";
import type { AnyCluster, NamespaceConfig } from "../schema";

/** What is wrong with who may reach a service, on that cluster. */
export function exposedProblems(entry: Service, cluster: AnyCluster): FileProblem[] {
  const { expose, callers, port, ports } = entry.fields;
  const problems = argumentProblems(entry, [
    ...exposureProblems(expose),
    ...portProblems(port, ports, expose),
  ]);
  if (callers && expose.scope !== "cluster") {
    const words = {
      problem: "without effect beside a load balancer, which hides who connects",
      allowed: "callers of a service that only the cluster reaches",
      fix: "remove callers, or remove expose; a second service of the same image can be the exposed one",
    };
    problems.push(entryProblem(entry, ["callers"], words));
  }
  // Another stack says for its own cluster how an internal load balancer is made.
  const isTold = cluster.kind !== "existing" || cluster.stack !== undefined;
  if (expose.scope === "internal" && !isTold && !cluster.loadBalancer.internal) {
    const words = {
      problem: "this cluster does not say how an internal load balancer is made",
      allowed: "cluster, public; internal once cluster.loadBalancer.internal is there",
      fix: "add cluster.loadBalancer.internal with the class or annotations that your cloud's internal load balancer takes",
    };
    problems.push(entryProblem(entry, ["expose", "scope"], words));
  }
  return problems;
}

/** Callers that a service names and that there are not; whether a namespace of others is there, the cluster alone knows. */
export function callerProblems(
  entry: Service,
  entries: readonly Entry[],
  namespaces: readonly string[],
): FileProblem[] {
  const { callers = [], expose, ports } = entry.fields;
  const names = entries.map(({ name }) => name).filter((name) => name !== entry.name);
  const lists = [
    { at: ["callers"], callers: expose.scope === "cluster" ? callers : [] },
    ...Object.entries(ports).map(([name, port]) => {
      return { at: ["ports", name, "callers"], callers: port.callers ?? [] };
    }),
  ];
  const listed = lists.flatMap((list) =>
    list.callers.map((caller, place) => ({ caller, at: [...list.at, place] })),
  );
  return listed.flatMap(({ caller, at }) => {
    if (typeof caller !== "string" || names.includes(caller)) return [];
    const namespace = `{ namespace: ${caller} }`;
    const other = namespaces.includes(caller)
      ? `write ${namespace} for all pods of this namespace`
      : `add the service or job that calls, write ${namespace} if it is a namespace, or remove it`;
    const itself = caller === entry.name;
    return entryProblem(entry, at, {
      problem: itself ? "the service itself" : "no service or job of this stack",
      allowed: [...names, "{ namespace: NAME }"].join(", "),
      fix: itself ? "remove it" : meantOr(caller, names, other),
    });
  });
}

/** Logs that would never arrive: the network of the pods, or that of the service that takes them, lets nothing through. */
export function logReceiverProblem(
  entry: Service,
  entries: readonly Entry[],
  namespaces: Readonly<Record<string, NamespaceConfig>>,
): FileProblem | [] {
  const { logs, egress = [] } = entry.fields;
  const own = entry.namespace;
  if (logs === undefined || own === undefined) return [];
  const receiver = receiverOf(logs.to);
  if (receiver.at === "outside") {
    if (!namespaces[own]?.create || egress.length > 0) return [];
    return entryProblem(entry, ["logs", "to"], {
      problem: `outside the cluster, and namespace ${own} lets its pods connect to nothing there`,
      allowed: "a collector in the cluster, or egress with the ranges of this one",
      fix: `add the ranges of ${receiver.host} to the entry, for example egress: ["203.0.113.0/24"]`,
    });
  }
  if (receiver.at !== "cluster") return [];
  const { service, namespace = own } = receiver;
  const taker = entries
    .filter(isService)
    .find((other) => other.name === service && other.namespace === namespace);
  // Behind a load balancer everybody may connect.
  if (taker?.fields.expose.scope !== "cluster") return [];
  const { ports } = taker.fields;
  const number = Number(new URL(logs.to).port);
  const port = Object.entries(ports).find(([, of]) => of.port === number && of.callers);
  const callers = port?.[1].callers ?? taker.fields.callers;
  if (callers ? admits(callers, entry) : namespace === own) return [];
  const said = (callers ?? []).map((caller) =>
    typeof caller === "string" ? caller : `{ namespace: ${caller.namespace} }`,
  );
  const allowed = callers ? `its callers, ${said.join(", ") || "none"}` : "its own namespace";
  return entryProblem(entry, ["logs", "to"], {
    problem: `${service} takes connections from ${allowed} alone`,
    allowed: `an endpoint that takes connections from ${entry.name}`,
    fix: `add ${entry.name} to callers of ${port ? `the port ${port[0]} of ` : ""}${service}: [${[...said, entry.name].join(", ")}]`,
  });
}
