import type { Problem } from "../../problem";
import type { CloudLimits } from "../limits";
import { longestClusterName } from "../managed";
import type { Rule } from "../rules/rule";
import { agentPoolName } from "./names";
import { hasZones } from "./own-nodes";

/** Ranges that may reach the control plane at most, the NAT gateway's address among them. */
const mostRanges = 200;

/** Tags at most, so that AKS can add its own. */
const mostTags = 40;

/** What Azure takes (docs/facts.md 4.1, 4.5, 4.8, 4.31). */
export const aksLimits: CloudLimits = {
  clusterName: {
    form: /^[a-z]([a-z0-9-]*[a-z0-9])?$/,
    longest: longestClusterName,
    allowed: `1 to ${longestClusterName} of a-z, 0-9 and -, first a letter and last no -`,
  },
  largestDiskGiB: () => 2048,
  accessRanges: {
    most: mostRanges - 1,
    allowed: `${mostRanges - 1} at most: the NAT gateway's address is another one`,
    fix: "join neighbouring ranges, or leave access out: Entra guards the endpoint",
  },
  narrower: "name your own ranges, or leave access out: Entra guards the endpoint",
  tags: {
    called: "tag",
    key: (key) => key.length <= 512 && !/[<>%&\\?/,=]/.test(key),
    // The disk driver separates tags by them.
    value: (value) => value.length <= 256 && !/[,=]/.test(value),
    reserved: /^(microsoft|azure|windows)/i,
    allowed:
      "up to 512 (name) and 256 (value) characters without , and =, in the name without < > % & \\ ? / either",
    fix: "choose another text",
    most: {
      many: mostTags,
      allowed: `${mostTags} at most: AKS adds some of its own, and Azure takes 50`,
    },
  },
};

/** Most nodes of an agent pool, and most agent pools of a cluster (AKS docs, quotas-skus-regions). */
const mostNodes = 1000;
const mostAgentPools = 100;

/** What Azure would refuse after minutes, or never do; besides the rules that hold everywhere. */
export const aksRules: readonly Rule[] = [
  {
    id: "AKS-02",
    about: "zones in a region without them",
    facts: "4.2",
    cluster: ({ region, zones }) => zonelessProblem(region, ["cluster", "zones"], zones),
    pool: ({ zones }, { region }) => zonelessProblem(region, ["zones"], zones),
    capacity: (type, _, { region }) =>
      "zone" in type && type.zone !== undefined
        ? zonelessProblem(region, ["zone"], [type.zone])
        : undefined,
  },
  {
    id: "AKS-04",
    about: "a reservation that is no group's id",
    facts: "4.3",
    capacity: (type) =>
      type.kind !== "reserved" || reservationGroup.test(type.reservation)
        ? undefined
        : {
            path: ["reserved"],
            problem: "not the id of a capacity reservation group",
            found: JSON.stringify(type.reservation),
            allowed:
              "/subscriptions/<id>/resourceGroups/<group>/providers/Microsoft.Compute/capacityReservationGroups/<name>",
            fix: "take it from `az capacity reservation group show --query id`; the group, not a reservation in it",
          },
  },
  {
    id: "AKS-07",
    about: "more nodes than a pool can have",
    facts: "4.6",
    pool: ({ nodes: { max } }) =>
      max <= mostNodes
        ? undefined
        : {
            path: ["nodes", "max"],
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
    cluster: (_, pools) => {
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
    cluster: ({ zones }, pools) => {
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
    capacity: (type, pool, { region, zones }) =>
      type.kind !== "reserved" || type.zone || pool.zones || zones || !hasZones(region)
        ? undefined
        : {
            path: ["zone"],
            problem: "a reservation for nodes without a zone",
            found: "no zone, for the capacity type, the pool or the cluster",
            allowed: "the zone of the reservation; none only where it was made without one",
            fix: "look for it with `az capacity reservation list`, and write it as zone beside reserved",
            // The id does not tell whether the group has zones, and a group without takes only nodes without.
            warning: true,
          },
  },
  {
    id: "AKS-12",
    about: "a reservation for nodes that are to be close to each other",
    facts: "4.14",
    capacity: (type, { network }) =>
      network === undefined || type.kind !== "reserved"
        ? undefined
        : {
            path: [],
            problem: `no reservation takes nodes of a proximity placement group, which network: ${network} makes`,
            found: JSON.stringify(type.reservation),
            allowed: "on-demand, spot",
            fix: "remove network, or the capacity type",
          },
  },
];

const reservationGroup =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Compute\/capacityReservationGroups\/[^/]+$/i;

function zonelessProblem(
  region: string,
  path: Problem["path"],
  zones: readonly string[] | undefined,
): Problem | undefined {
  if (!zones || hasZones(region)) return undefined;
  return {
    path,
    problem: `${region} has no availability zones`,
    found: zones.join(", "),
    allowed: "no zones in this region",
    fix: "remove the key, or choose a region with zones",
  };
}
