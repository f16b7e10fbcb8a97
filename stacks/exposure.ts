import { range } from "./cidr";
import { entryFault, type Entry } from "./entry";
import { isMap, valueAt } from "./explain";
import type { Fault } from "./faults";

/** Widest range that still says who may connect, as the fewest leading bits. */
const widest = { 4: 8, 6: 16 } as const;

/** What is wrong with who may reach a service. */
export function exposureFaults(entry: Entry, cluster: unknown): Fault[] {
  const { expose } = entry.fields;
  if (entry.broken.has("expose") || !expose) return [];
  const { scope, allow } = expose;
  if (scope === "cluster") {
    if (allow.length === 0) return [];
    return [
      entryFault(entry, ["expose", "allow"], {
        what: "nothing to limit: without a load balancer only the cluster connects",
        allowed: "ranges beside scope: internal or scope: public",
        remedy: "add scope: public or scope: internal, or remove allow",
      }),
    ];
  }
  return scope === "public" ? publicFaults(entry, allow) : internalFaults(entry, cluster);
}

function publicFaults(entry: Entry, allow: readonly string[]): Fault[] {
  if (allow.length === 0) {
    return [
      entryFault(entry, ["expose", "allow"], {
        what: "missing: the whole internet could use these GPUs",
        allowed: "at least one range narrower than the internet",
        remedy: "list the ranges your callers come from, for example allow: [203.0.113.0/24]",
      }),
    ];
  }
  return allow.flatMap((text, place) => {
    const parsed = range(text);
    if (!parsed || parsed.length >= widest[parsed.family]) return [];
    return entryFault(entry, ["expose", "allow", place], {
      what: "too wide: the whole internet, or much of it, could use these GPUs",
      allowed: `ranges of /${widest[4]} or longer (IPv4), /${widest[6]} or longer (IPv6)`,
      remedy: "list the ranges your callers come from instead, for example 203.0.113.0/24",
    });
  });
}

function internalFaults(entry: Entry, cluster: unknown): Fault[] {
  const known = isMap(cluster) && cluster.kind === "existing";
  if (!known || valueAt(cluster, ["loadBalancer", "internal"]) !== undefined) return [];
  // A section of the wrong shape has its own fault.
  const section = valueAt(cluster, ["loadBalancer"]);
  if (section !== undefined && !isMap(section)) return [];
  return [
    entryFault(entry, ["expose", "scope"], {
      what: "this cluster does not say how an internal load balancer is made",
      allowed: "cluster, public; internal once cluster.loadBalancer.internal is there",
      remedy:
        "add cluster.loadBalancer.internal with the class or annotations that your cloud's internal load balancer takes",
    }),
  ];
}
