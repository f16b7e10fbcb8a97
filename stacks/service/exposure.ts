import { range } from "../../catalog/cidr";
import { entryProblem, type Service } from "../entry";
import type { FileProblem } from "../problems";
import type { AnyCluster } from "../schema";

/** Widest range that still says who may connect, as the fewest leading bits. */
const widest = { 4: 8, 6: 16 } as const;

/** What is wrong with who may reach a service. */
export function exposureProblems(entry: Service, cluster: AnyCluster): FileProblem[] {
  const { scope, allow } = entry.fields.expose;
  const problem = (at: (string | number)[], problem: string, allowed: string, fix: string) =>
    entryProblem(entry, ["expose", ...at], { problem, allowed, fix });
  switch (scope) {
    case "internal":
      return saysInternal(cluster)
        ? []
        : [
            problem(
              ["scope"],
              "this cluster does not say how an internal load balancer is made",
              "cluster, public; internal once cluster.loadBalancer.internal is there",
              "add cluster.loadBalancer.internal with the class or annotations that your cloud's internal load balancer takes",
            ),
          ];
    case "public":
      return allow.length === 0
        ? [
            problem(
              ["allow"],
              "no ranges: the whole internet could use these GPUs",
              "at least one range narrower than the internet",
              "list the ranges your callers come from, for example allow: [203.0.113.0/24]",
            ),
          ]
        : allow.flatMap((text, place) =>
            isTooWide(text)
              ? [
                  problem(
                    ["allow", place],
                    "too wide: the whole internet, or much of it, could use these GPUs",
                    `ranges of /${widest[4]} or longer (IPv4), /${widest[6]} or longer (IPv6)`,
                    "list the ranges your callers come from instead, for example 203.0.113.0/24",
                  ),
                ]
              : [],
          );
    case "cluster":
      return allow.length === 0
        ? []
        : [
            problem(
              ["allow"],
              "nothing to limit: without a load balancer only the cluster connects",
              "ranges beside scope: internal or scope: public",
              "add scope: public or scope: internal, or remove allow",
            ),
          ];
  }
}

function isTooWide(text: string): boolean {
  const parsed = range(text);
  return parsed !== undefined && parsed.length < widest[parsed.family];
}

/** Whether the cluster says how an internal load balancer is made; another stack says it for its own. */
function saysInternal(cluster: AnyCluster): boolean {
  if (cluster.kind !== "existing" || cluster.stack !== undefined) return true;
  return cluster.loadBalancer.internal !== undefined;
}
