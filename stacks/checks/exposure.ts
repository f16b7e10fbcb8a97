import { range } from "../../catalog/cidr";
import { entryFault, type ReadService } from "./entry";
import { isMap, valueAt } from "../lookup";
import type { Fault } from "../faults";

/** Widest range that still says who may connect, as the fewest leading bits. */
const widest = { 4: 8, 6: 16 } as const;

/** What is wrong with who may reach a service. */
export function exposureFaults(entry: ReadService, cluster: unknown): Fault[] {
  // Read from the file itself: one malformed range must not hide one that is too wide.
  const scope = valueAt(entry.raw, ["expose", "scope"]);
  const allow = valueAt(entry.raw, ["expose", "allow"]);
  const ranges: unknown[] = Array.isArray(allow) ? allow : [];
  const whole = !entry.broken.has("expose");
  if (scope === "internal") return internalFaults(entry, cluster);
  if (scope === "public") {
    return [
      ...(whole && ranges.length === 0 ? [openFault(entry)] : []),
      ...ranges.flatMap((text, place) => (isTooWide(text) ? [wideFault(entry, place)] : [])),
    ];
  }
  return whole && ranges.length > 0 ? [unlimitableFault(entry)] : [];
}

function openFault(entry: ReadService): Fault {
  return entryFault(entry, ["expose", "allow"], {
    what: `${valueAt(entry.raw, ["expose", "allow"]) ? "empty" : "missing"}: the whole internet could use these GPUs`,
    allowed: "at least one range narrower than the internet",
    remedy: "list the ranges your callers come from, for example allow: [203.0.113.0/24]",
  });
}

function isTooWide(text: unknown): boolean {
  const parsed = typeof text === "string" ? range(text) : undefined;
  return parsed !== undefined && parsed.length < widest[parsed.family];
}

function wideFault(entry: ReadService, place: number): Fault {
  return entryFault(entry, ["expose", "allow", place], {
    what: "too wide: the whole internet, or much of it, could use these GPUs",
    allowed: `ranges of /${widest[4]} or longer (IPv4), /${widest[6]} or longer (IPv6)`,
    remedy: "list the ranges your callers come from instead, for example 203.0.113.0/24",
  });
}

function unlimitableFault(entry: ReadService): Fault {
  return entryFault(entry, ["expose", "allow"], {
    what: "nothing to limit: without a load balancer only the cluster connects",
    allowed: "ranges beside scope: internal or scope: public",
    remedy: "add scope: public or scope: internal, or remove allow",
  });
}

function internalFaults(entry: ReadService, cluster: unknown): Fault[] {
  const known = isMap(cluster) && cluster.kind === "existing" && cluster.stack === undefined;
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
