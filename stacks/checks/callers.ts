import { valueAt } from "../lookup";
import type { Fault } from "../faults";
import { nearest } from "../spelling";
import { entryFault, type Entry, type ReadService } from "./entry";

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
