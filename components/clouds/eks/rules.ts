import type { ManagedPool } from "../managed";
import { efaProblem } from "./efa-rules";
import type { Problem } from "../../problem";
import type { ClusterRule, Rule } from "../rules/rule";
import { defaultZones } from "./zones";

/** Rules of EKS alone. */
export const eksRules: readonly (Rule | ClusterRule)[] = [
  {
    id: "EKS-01",
    about: "no ranges for the control plane",
    facts: "3.2",
    checkCluster: ({ access }) =>
      access
        ? undefined
        : {
            path: ["cluster", "access"],
            problem:
              "missing: EKS has no endpoint that IAM protects before the first packet reaches it",
            found: "nothing",
            allowed: "ranges that may reach the control plane, such as [203.0.113.0/24]",
            fix: "name the ranges of those who run pulumi and kubectl; nodes reach it from inside",
          },
  },
  {
    id: "EKS-02",
    about: "private ranges, which never reach the public endpoint",
    facts: "3.2",
    checkCluster: ({ access = [] }) => access.flatMap(privateRangeProblems),
  },
  {
    id: "EKS-03",
    about: "a release channel",
    facts: "3.1",
    checkCluster: ({ channel }) =>
      channel === undefined
        ? undefined
        : {
            path: ["cluster", "channel"],
            problem: "EKS has no release channels",
            found: JSON.stringify(channel),
            allowed: "version, or nothing for the default",
            fix: 'remove channel, and write version: "1.35" to choose one',
          },
  },
  {
    id: "EKS-04",
    about: "Auto Mode in a region without it",
    facts: "3.3",
    checkCluster: ({ mode = "auto", region }) =>
      mode === "auto" && withoutAutoMode.includes(region)
        ? {
            path: ["cluster", "mode"],
            problem: `no Auto Mode in ${region}`,
            found: JSON.stringify(mode),
            allowed: "nodeGroups, in this region",
            fix: "set mode to nodeGroups, or choose another region",
          }
        : undefined,
  },
  {
    id: "EKS-05",
    about: "fewer than two zones for the control plane",
    facts: "3.4",
    checkCluster: ({ region, zones = defaultZones(region) }) =>
      new Set(zones).size >= 2
        ? undefined
        : {
            path: ["cluster", "zones"],
            problem: "fewer than two zones for the control plane",
            found:
              zones.length > 0 ? zones.join(", ") : `nothing, and accounts differ in ${region}`,
            allowed: "two zones or more",
            fix: `name zones of your account: aws ec2 describe-availability-zones --region ${region}`,
          },
  },
  {
    id: "EKS-06",
    about: "zones beyond f",
    facts: "3.5",
    checkCluster: ({ region, zones = [] }, pools) => [
      ...zones.flatMap((zone, at) => letterProblem(region, ["cluster", "zones", at], zone)),
      ...Object.entries(pools).flatMap(([pool, { zones: own = [], capacity }]) => [
        ...own.flatMap((zone, at) => letterProblem(region, ["pools", pool, "zones", at], zone)),
        ...capacity.flatMap((type, at) =>
          "zone" in type && type.zone !== undefined
            ? letterProblem(region, ["pools", pool, "capacity", at, "zone"], type.zone)
            : [],
        ),
      ]),
    ],
  },
  {
    id: "EKS-07",
    about: "a machine that no image drives",
    facts: "3.6",
    check: ({ mode = "auto" }, name, { machine }) => {
      const family = machine.name.split(".")[0] ?? "";
      return machine.cloud !== "eks" || families[mode].test(family)
        ? undefined
        : {
            path: ["pools", name, "machine"],
            problem: `no image of EKS ${mode === "auto" ? "Auto Mode" : "node groups"} drives this machine`,
            found: JSON.stringify(machine.name),
            allowed: `machines of the families ${familyNames[mode]}`,
            fix: "choose one of these, or write gpu: L4 for the cheapest machine with that GPU",
          };
    },
  },
  {
    id: "EKS-08",
    about: "shared GPUs on Auto Mode",
    facts: "3.7",
    check: ({ mode = "auto" }, name, { sharing }) =>
      mode === "auto" && sharing
        ? {
            path: ["pools", name, "sharing"],
            problem: "Auto Mode cannot share a GPU",
            found:
              sharing.kind === "mig"
                ? `mig: ${sharing.profile}`
                : `timeSlicing: ${sharing.clients}`,
            allowed: "nothing with mode auto",
            fix: "remove sharing, or make a cluster with mode: nodeGroups, where GPUs can be time-sliced",
          }
        : undefined,
  },
  {
    id: "EKS-09",
    about: "MIG on node groups",
    facts: "3.8",
    check: ({ mode = "auto" }, name, { sharing }) =>
      mode === "nodeGroups" && sharing?.kind === "mig"
        ? {
            path: ["pools", name, "sharing", "mig"],
            problem: "nothing on a node of an EKS node group cuts GPUs",
            found: JSON.stringify(sharing.profile),
            allowed: "timeSlicing",
            fix: "write { timeSlicing: 4 }, or choose a machine with a smaller GPU",
          }
        : undefined,
  },
  {
    id: "EKS-11",
    about: "a reservation's id that is none",
    facts: "3.9",
    check: (_, name, { capacity }) =>
      capacity.flatMap((type, at): Problem[] =>
        !("reservation" in type) || /^cr-[0-9a-f]{8,}$/.test(type.reservation)
          ? []
          : [
              {
                path: ["pools", name, "capacity", at, type.kind],
                problem: "not the id of a capacity reservation",
                found: JSON.stringify(type.reservation),
                allowed: "cr- and hexadecimal digits, such as cr-0123456789abcdef0",
                fix: "copy the id from: aws ec2 describe-capacity-reservations",
              },
            ],
      ),
  },
  {
    id: "EKS-16",
    about: "nodes that always run, from a capacity block",
    facts: "3.10",
    check: (_, name, pool) => blockFloorProblem(name, pool),
  },
  {
    id: "EKS-17",
    about: "a reservation for nodes that are to be close to each other",
    facts: "3.18",
    check: (_, name, { capacity, network }) =>
      network === undefined
        ? undefined
        : capacity.flatMap((type, at): Problem[] =>
            type.kind !== "reserved"
              ? []
              : [
                  {
                    path: ["pools", name, "capacity", at],
                    problem:
                      "nodes are as close to each other as the reservation was made, and none come from one that was made in a placement group",
                    found: JSON.stringify(type.reservation),
                    allowed: "any reservation without a placement group",
                    fix: "look for it with: aws ec2 describe-capacity-reservations",
                    warning: true,
                  },
                ],
          ),
  },
  {
    id: "EKS-18",
    about:
      "EFA on Auto Mode, outside of AWS's own partition, on machines without it, or on shared GPUs",
    facts: "3.17, 3.19, 3.20, 3.23",
    check: (cluster, name, pool) => efaProblem(cluster, name, pool),
  },
  {
    id: "EKS-20",
    about: "addresses of the network that leave no place for the blocks of its zones",
    facts: "3.5, 3.46",
    checkCluster: ({ cidr }) =>
      cidr === undefined || /^(10\.\d{1,3}|172\.(1[6-9]|2\d|3[01])|192\.168)\.0\.0\/16$/.test(cidr)
        ? undefined
        : {
            path: ["cidr"],
            problem: "not a private range of /16",
            found: JSON.stringify(cidr),
            allowed: "10.x.0.0/16, 172.16.0.0/16 to 172.31.0.0/16 or 192.168.0.0/16",
            fix: "choose one that no network joined to this one has",
          },
  },
  {
    id: "EKS-21",
    about: "nodes without GPUs of which none could be replaced",
    facts: "3.14",
    checkCluster: ({ ownNodes }) =>
      ownNodes === undefined ||
      (Number.isInteger(ownNodes.min) && ownNodes.min >= 2 && ownNodes.max >= ownNodes.min)
        ? undefined
        : {
            path: ["system", "nodes"],
            problem: "not a range of nodes for the cluster itself",
            found: `min ${ownNodes.min}, max ${ownNodes.max}`,
            allowed: "min from 2, so that one can be replaced, and max from min",
            fix: "correct min and max, or remove the key for the default",
          },
  },
];

/** Regions where EKS offers no Auto Mode. */
const withoutAutoMode = ["ap-southeast-7", "mx-central-1"];

/** Machine families with NVIDIA GPUs that the images of each mode drive. */
const families = {
  auto: /^(g4dn|g5|g5g|g6|g6e|gr6|g7e|p3dn|p4d|p4de|p5|p5e|p5en|p6-b200|p6-b300)$/,
  nodeGroups:
    /^(g4dn|g5|g5g|g6|g6e|gr6|g7e|p3|p3dn|p4d|p4de|p5|p5e|p5en|p6-b200|p6-b300|p6e-gb200)$/,
} as const;
const familyNames = {
  auto: "g4dn, g5, g5g, g6, g6e, gr6, g7e, p4d, p4de, p5, p5e, p5en, p6-b200, p6-b300",
  nodeGroups:
    "g4dn, g5, g5g, g6, g6e, gr6, g7e, p4d, p4de, p5, p5e, p5en, p6-b200, p6-b300, p6e-gb200",
} as const;

/** Addresses that the internet does not route, so that EKS takes them for no public range. */
const unrouted = /^(10\.|127\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|192\.168\.)/;

function privateRangeProblems(range: string, at: number): Problem[] {
  if (!unrouted.test(range)) return [];
  return [
    {
      path: ["cluster", "access", at],
      problem: "a private range, which never reaches the public endpoint",
      found: JSON.stringify(range),
      allowed: "public IPv4 ranges, such as 203.0.113.0/24",
      fix: "give the addresses under which you reach the internet; who is in the network needs no range",
    },
  ];
}

function letterProblem(region: string, path: Problem["path"], zone: string): Problem[] {
  if (!zone.startsWith(region) || !/[g-z]$/.test(zone)) return [];
  return [
    {
      path,
      problem: "no addresses are kept for this zone",
      found: JSON.stringify(zone),
      allowed: `${region}a to ${region}f`,
      fix: "choose another zone",
    },
  ];
}

/** Nodes of a block come and go with it, whatever the minimum says. */
function blockFloorProblem(name: string, { nodes, capacity }: ManagedPool): Problem | undefined {
  if (nodes.min === 0 || capacity[0]?.kind !== "block") return undefined;
  return {
    path: ["pools", name, "nodes", "min"],
    problem:
      "nodes that always run, from a capacity block: there are none before it starts and after it ends",
    found: String(nodes.min),
    allowed: "0 where a block is the first capacity type",
    fix: "set min to 0: the autoscaler takes the block's nodes as soon as there are any",
  };
}
