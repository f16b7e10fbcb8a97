import { receiverOf } from "../derived/log-receiver";
import { entryProblem, isService, type Entry, type Service } from "../entry";
import type { NamespaceOf } from "../namespace/relations";
import type { FileProblem } from "../problems";
import type { NamespaceConfig } from "../schema";
import { meantOr } from "../../components/spelling";

/** What is wrong with who a service says may connect to it. */
export function callerProblems(entry: Service, entries: readonly Entry[]): FileProblem[] {
  const { callers, expose } = entry.fields;
  if (callers === undefined) return [];
  if (expose.scope !== "cluster") {
    return [
      entryProblem(entry, ["callers"], {
        problem: "without effect beside a load balancer, which hides who connects",
        allowed: "callers of a service that only the cluster reaches",
        fix: "remove callers, or remove expose; a second service of the same image can be the exposed one",
      }),
    ];
  }
  const names = entries.map(({ name }) => name).filter((name) => name !== entry.name);
  return callers.flatMap((caller, place) =>
    names.includes(caller)
      ? []
      : [
          entryProblem(entry, ["callers", place], {
            problem:
              caller === entry.name ? "the service itself" : "no service or job of this stack",
            allowed: names.join(", ") || "names of other services and jobs; there are none",
            fix: meantOr(caller, names, "remove it, or add the service or job that calls"),
          }),
        ],
  );
}

/** Logs that would never arrive: the network of the pods, or that of the service that takes them, lets nothing through. */
export function logReceiverProblems(
  entry: Service,
  entries: readonly Entry[],
  namespaces: Readonly<Record<string, NamespaceConfig>>,
  namespaceOf: NamespaceOf,
): FileProblem[] {
  const { logs, egress = [] } = entry.fields;
  const own = namespaceOf(entry);
  if (logs === undefined || own === undefined) return [];
  const receiver = receiverOf(logs.to);
  if (receiver.at === "outside") {
    if (!namespaces[own]?.create || egress.length > 0) return [];
    return [
      entryProblem(entry, ["logs", "to"], {
        problem: `outside the cluster, and namespace ${own} lets its pods connect to nothing there`,
        allowed: "a collector in the cluster, or egress with the ranges of this one",
        fix: `add the ranges of ${receiver.host} to the entry, for example egress: ["203.0.113.0/24"]`,
      }),
    ];
  }
  if (receiver.at !== "cluster") return [];
  const taker = entries
    .filter(isService)
    .find(
      (other) =>
        other.name === receiver.service && namespaceOf(other) === (receiver.namespace ?? own),
    );
  // Behind a load balancer everybody may connect.
  if (taker?.fields.expose.scope !== "cluster") return [];
  const { callers } = taker.fields;
  if (callers ? callers.includes(entry.name) : namespaceOf(taker) === own) return [];
  const allowed = callers ? `its callers, ${callers.join(", ") || "none"}` : "its own namespace";
  return [
    entryProblem(entry, ["logs", "to"], {
      problem: `${taker.name} takes connections from ${allowed} alone`,
      allowed: `an endpoint that takes connections from ${entry.name}`,
      fix: `add ${entry.name} to callers of ${taker.name}: [${[...(callers ?? []), entry.name].join(", ")}]`,
    }),
  ];
}
