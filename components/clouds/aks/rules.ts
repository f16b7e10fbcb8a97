import { agentPoolName } from "./names";
import { hasZones } from "./own-nodes";
import type { Problem } from "../../problem";
import type { ClusterRule, Rule } from "../rules/rule";

/** Most nodes of an agent pool, and most agent pools of a cluster (AKS docs, quotas-skus-regions). */
const mostNodes = 1000;
const mostAgentPools = 100;

/** What Azure would refuse after minutes, or never do; besides the rules that hold everywhere. */
export const aksRules: readonly (Rule | ClusterRule)[] = [
  {
    id: "AKS-02",
    about: "zones of the cluster in a region without them",
    facts: "4.2",
    checkCluster: ({ region, zones }) =>
      zones && !hasZones(region) ? zonelessProblem(["cluster", "zones"], region, zones) : undefined,
  },
  {
    id: "AKS-03",
    about: "zones of a pool in a region without them",
    facts: "4.2",
    check: ({ region }, name, { zones, capacity }) => {
      if (hasZones(region)) return undefined;
      const path = ["pools", name];
      const ofTypes = capacity.flatMap((type, at) =>
        "zone" in type && type.zone
          ? [zonelessProblem([...path, "capacity", at, "zone"], region, [type.zone])]
          : [],
      );
      return zones ? [zonelessProblem([...path, "zones"], region, zones), ...ofTypes] : ofTypes;
    },
  },
  {
    id: "AKS-04",
    about: "a reservation that is no group's id",
    facts: "4.3",
    check: (_, name, { capacity }) =>
      capacity.flatMap((type, at) =>
        type.kind !== "reserved" || reservationGroup.test(type.reservation)
          ? []
          : [
              {
                path: ["pools", name, "capacity", at, "reserved"],
                problem: "not the id of a capacity reservation group",
                found: JSON.stringify(type.reservation),
                allowed:
                  "/subscriptions/<id>/resourceGroups/<group>/providers/Microsoft.Compute/capacityReservationGroups/<name>",
                fix: "take it from `az capacity reservation group show --query id`; the group, not a reservation in it",
              },
            ],
      ),
  },
  {
    id: "AKS-07",
    about: "more nodes than a pool can have",
    facts: "4.6",
    check: (_, name, { nodes: { max } }) =>
      max <= mostNodes
        ? undefined
        : {
            path: ["pools", name, "nodes", "max"],
            problem: "more nodes than an agent pool can have",
            found: String(max),
            allowed: `${mostNodes} at most`,
            fix: `lower it, or add a second pool`,
          },
  },
  {
    id: "AKS-08",
    about: "more agent pools than a cluster can have",
    facts: "4.6",
    checkCluster: (_, pools) => {
      const own = 2;
      const types = Object.values(pools).reduce((sum, { capacity }) => sum + capacity.length, own);
      if (types <= mostAgentPools) return undefined;
      return {
        path: ["pools"],
        problem:
          "more agent pools than a cluster can have: one for each capacity type, and two of our own",
        found: String(types),
        allowed: `${mostAgentPools} at most`,
        fix: "remove pools or capacity types",
      };
    },
  },
  {
    id: "AKS-09",
    about: "two pools whose 12 letters are the same",
    facts: "4.7",
    checkCluster: ({ zones }, pools) => {
      const names = new Map<string, string>();
      return Object.entries(pools).flatMap(([name, pool]): Problem[] =>
        pool.capacity.flatMap((type, at) => {
          const short = agentPoolName(
            name,
            { ...pool, zones: pool.zones ?? (zones && [...zones]) },
            type,
          );
          const other = names.get(short) ?? name;
          names.set(short, other);
          if (other === name) return [];
          return [
            {
              path: ["pools", name, "capacity", at],
              problem: `AKS's 12 letters make the same name of it as of pool ${other}`,
              found: short,
              allowed: "a name of its own",
              fix: "rename one of the two pools",
            },
          ];
        }),
      );
    },
  },
  {
    id: "AKS-11",
    about: "a reservation for nodes without a zone, where the region has zones",
    facts: "4.12",
    check: ({ region, zones: clusterZones }, name, { zones = clusterZones, capacity }) => {
      if (zones || !hasZones(region)) return undefined;
      return capacity.flatMap((type, at) =>
        type.kind !== "reserved" || type.zone
          ? []
          : [
              {
                path: ["pools", name, "capacity", at, "zone"],
                problem: "a reservation for nodes without a zone",
                found: "no zone, for the capacity type, the pool or the cluster",
                allowed: "the zone of the reservation; none only where it was made without one",
                fix: "look for it with `az capacity reservation list`, and write it as zone beside reserved",
                // The id does not tell whether the group has zones, and a group without takes only nodes without.
                warning: true,
              },
            ],
      );
    },
  },
  {
    id: "AKS-12",
    about: "a reservation for nodes that are to be close to each other",
    facts: "4.14",
    check: (_, name, { capacity, network }) => {
      if (network === undefined) return undefined;
      return capacity.flatMap((type, at) =>
        type.kind !== "reserved"
          ? []
          : [
              {
                path: ["pools", name, "capacity", at],
                problem: `no reservation takes nodes of a proximity placement group, which network: ${network} makes`,
                found: JSON.stringify(type.reservation),
                allowed: "on-demand, spot",
                fix: "remove network, or the capacity type",
              },
            ],
      );
    },
  },
];

const reservationGroup =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Compute\/capacityReservationGroups\/[^/]+$/i;

function zonelessProblem(path: Problem["path"], region: string, zones: readonly string[]): Problem {
  return {
    path,
    problem: `${region} has no availability zones`,
    found: zones.join(", "),
    allowed: "no zones in this region",
    fix: "remove the key, or choose a region with zones",
  };
}
