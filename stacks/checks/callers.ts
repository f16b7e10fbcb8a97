import { receiverOf } from "../log-receiver";
import { valueAt } from "../lookup";
import { endpoint } from "../values/log-target";
import type { Fault } from "../faults";
import { nearest } from "../spelling";
import { entryFault, type Entry, type ReadService } from "./entry";
import type { Namespaces } from "./namespaces";

/** What is wrong with who a service says may connect to it. */
export function callerFaults(entry: ReadService, entries: readonly Entry[]): Fault[] {
  const callers = entry.fields.callers;
  if (entry.broken.has("callers") || callers === undefined) return [];
  const scope = valueAt(entry.raw, ["expose", "scope"]);
  if (scope === "public" || scope === "internal") {
    return [
      entryFault(entry, ["callers"], {
        what: "without effect beside a load balancer, which hides who connects",
        allowed: "callers of a service that only the cluster reaches",
        remedy:
          "remove callers, or remove expose; a second service of the same image can be the exposed one",
      }),
    ];
  }
  const names = entries.map(({ name }) => name).filter((name) => name !== entry.name);
  return callers.flatMap((caller, place) => {
    if (names.includes(caller)) return [];
    const meant = nearest(caller, names);
    return [
      entryFault(entry, ["callers", place], {
        what: caller === entry.name ? "the service itself" : "no service or job of this stack",
        allowed:
          names.length > 0 ? names.join(", ") : "names of other services and jobs; there are none",
        remedy: meant
          ? `did you mean "${meant}"?`
          : "remove it, or add the service or job that calls",
      }),
    ];
  });
}

/** Logs that would never arrive: the network of the pods, or that of the service that takes them, lets nothing through. */
export function logWayFaults(
  entry: ReadService,
  entries: readonly Entry[],
  namespaces: unknown,
  { ofFile }: Namespaces,
): Fault[] {
  const to = endpoint.safeParse(valueAt(entry.raw, ["logs", "to"]));
  const own = ofFile.get(entry.file);
  if (!to.success || own === undefined) return [];
  const receiver = receiverOf(to.data);
  if (receiver.at === "outside") {
    const closed = valueAt(namespaces, [own, "create"]) !== false;
    if (!closed || entry.broken.has("egress") || (entry.fields.egress ?? []).length > 0) return [];
    return [
      entryFault(entry, ["logs", "to"], {
        what: `outside the cluster, and namespace ${own} lets its pods connect to nothing there`,
        allowed: "a collector in the cluster, or egress with the ranges of this one",
        remedy: `add the ranges of ${receiver.host} to the entry, for example egress: ["203.0.113.0/24"]`,
      }),
    ];
  }
  if (receiver.at !== "cluster") return [];
  const taker = entries.find(
    (other): other is ReadService =>
      other.section === "services" &&
      other.name === receiver.service &&
      ofFile.get(other.file) === (receiver.namespace ?? own),
  );
  // Behind a load balancer everybody may connect.
  const scope = valueAt(taker?.raw, ["expose", "scope"]) ?? "cluster";
  if (taker === undefined || taker.broken.has("callers") || scope !== "cluster") return [];
  const { callers } = taker.fields;
  if (callers ? callers.includes(entry.name) : ofFile.get(taker.file) === own) return [];
  const whom = callers ? `its callers, ${callers.join(", ") || "none"}` : "its own namespace";
  return [
    entryFault(entry, ["logs", "to"], {
      what: `${taker.name} takes connections from ${whom} alone`,
      allowed: `an endpoint that takes connections from ${entry.name}`,
      remedy: `add ${entry.name} to callers of ${taker.name}: [${[...(callers ?? []), entry.name].join(", ")}]`,
    }),
  ];
}
