import type { Problem } from "../../problem";
import type { CloudLimits } from "../limits";
import type { Rule } from "../rules/rule";
import { efaProblem } from "./efa-rules";
import { nodeClassProblems, principalProblems } from "./name-rules";
import { defaultZones } from "./zones";

/** Largest disk of a node in GiB. */
const largestDisk = { auto: 59_000, nodeGroups: 65_536 } as const;

/** NodePools and NodeClasses of EKS and of our own nodes, besides `system`. */
const taken = ["default", "general-purpose", "gpu-serving-system"];

/** Longest name of a cluster, to which roles and groups add their own part. */
const longestName = 60;

/** What AWS takes (docs/facts.md 3.2, 3.9, 3.11 to 3.13, 3.29, 3.45). */
export const eksLimits: CloudLimits = {
  clusterName: {
    form: /^[a-zA-Z0-9][a-zA-Z0-9-]*$/,
    longest: longestName,
    allowed: `up to ${longestName} letters, digits and -, from a letter or digit on`,
  },
  poolName: {
    form: /^[a-z]([a-z0-9-]*[a-z0-9])?$/,
    longest: 40,
    allowed: `up to 40 of a-z, 0-9 and -, from a letter on, not system, ${taken.join(", ")}`,
    taken,
  },
  largestDiskGiB: ({ mode = "auto" }) => largestDisk[mode],
  accessRanges: {
    most: 40,
    allowed: "up to 40",
    fix: "let people and pipelines leave by fewer addresses; GitHub's own runners have too many (docs/ci.md, Runners)",
  },
  narrower:
    "give the addresses under which you reach the internet; who is in the network needs no range",
  tags: {
    called: "tag",
    key: (key) => key.length <= 128 && characters.test(key),
    value: (value) => value === "" || (value.length <= 256 && characters.test(value)),
    reserved: /^(aws:|eks:|kubernetes\.io\/cluster\/|karpenter\.sh\/|eks\.amazonaws\.com\/)/,
    allowed: "up to 128 (key) and 256 (value) letters, digits, spaces and + - . _ : / @",
    fix: "choose another one",
  },
};

const characters = /^[\p{L}\p{N} +\-._:/@]+$/u;

/** Rules of EKS alone. */
export const eksRules: readonly Rule[] = [
  {
    id: "EKS-02",
    about: "private ranges, which never reach the public endpoint",
    facts: "3.2",
    cluster: ({ access = [] }) => access.flatMap(privateRangeProblems),
  },
  {
    id: "EKS-04",
    about: "Auto Mode in a region without it",
    facts: "3.3",
    cluster: ({ mode = "auto", region }) =>
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
    cluster: ({ region, zones = defaultZones(region) }) =>
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
    cluster: ({ region, zones }) => lateZones(region, ["cluster", "zones"], zones),
    pool: ({ zones }, { region }) => lateZones(region, ["zones"], zones),
    capacity: (type, _, { region }) =>
      "zone" in type && type.zone !== undefined && isLate(region, type.zone)
        ? lateZone(region, ["zone"], type.zone)
        : undefined,
  },
  {
    id: "EKS-07",
    about: "a machine that no image drives",
    facts: "3.6",
    pool: ({ machine }, { mode = "auto" }) => {
      const family = machine.name.split(".")[0] ?? "";
      return machine.cloud !== "eks" || machine.gpu === undefined || families[mode].test(family)
        ? undefined
        : {
            path: ["machine"],
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
    pool: ({ sharing }, { mode = "auto" }) =>
      mode === "auto" && sharing
        ? {
            path: ["sharing"],
            problem: "Auto Mode cannot share a GPU",
            found: JSON.stringify(sharing),
            allowed: "nothing with mode auto",
            fix: "remove sharing, or make a cluster with mode: nodeGroups, where GPUs can be time-sliced",
          }
        : undefined,
  },
  {
    id: "EKS-11",
    about: "a reservation's id that is none",
    facts: "3.9",
    capacity: (type) =>
      !("reservation" in type) || /^cr-[0-9a-f]{8,}$/.test(type.reservation)
        ? undefined
        : {
            path: [type.kind],
            problem: "not the id of a capacity reservation",
            found: JSON.stringify(type.reservation),
            allowed: "cr- and hexadecimal digits, such as cr-0123456789abcdef0",
            fix: "copy the id from: aws ec2 describe-capacity-reservations",
          },
  },
  {
    id: "EKS-16",
    about: "nodes that always run, from a capacity block",
    facts: "3.10",
    // Nodes of a block come and go with it, whatever the minimum says.
    pool: ({ nodes: { min }, capacity: [first] }) =>
      min === 0 || first?.kind !== "block"
        ? undefined
        : {
            path: ["nodes", "min"],
            problem:
              "nodes that always run, from a capacity block: there are none before it starts and after it ends",
            found: String(min),
            allowed: "0 where a block is the first capacity type",
            fix: "set min to 0: the autoscaler takes the block's nodes as soon as there are any",
          },
  },
  {
    id: "EKS-17",
    about: "a reservation for nodes that are to be close to each other",
    facts: "3.18",
    capacity: (type, { network }) =>
      network === undefined || type.kind !== "reserved"
        ? undefined
        : {
            path: [],
            problem:
              "nodes are as close to each other as the reservation was made, and none come from one that was made in a placement group",
            found: JSON.stringify(type.reservation),
            allowed: "any reservation without a placement group",
            fix: "look for it with: aws ec2 describe-capacity-reservations",
            warning: true,
          },
  },
  {
    id: "EKS-18",
    about:
      "EFA on Auto Mode, outside of AWS's own partition, on machines without it, or on shared GPUs",
    facts: "3.17, 3.19, 3.20, 3.23",
    pool: efaProblem,
  },
  {
    id: "EKS-20",
    about: "addresses of the network that leave no place for the blocks of its zones",
    facts: "3.5, 3.46",
    cluster: ({ cidr }) =>
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
    id: "EKS-22",
    about: "two pools with one NodeClass on Auto Mode",
    facts: "3.11",
    cluster: nodeClassProblems,
  },
  {
    id: "EKS-23",
    about: "administrators and viewers of whom two are one",
    facts: "3.32",
    cluster: principalProblems,
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

function isLate(region: string, zone: string): boolean {
  return zone.startsWith(region) && /[g-z]$/.test(zone);
}

function lateZones(
  region: string,
  path: Problem["path"],
  zones: readonly string[] = [],
): Problem[] {
  return zones.flatMap((zone, at) =>
    isLate(region, zone) ? [lateZone(region, [...path, at], zone)] : [],
  );
}

function lateZone(region: string, path: Problem["path"], zone: string): Problem {
  return {
    path,
    problem: "no addresses are kept for this zone",
    found: JSON.stringify(zone),
    allowed: `${region}a to ${region}f`,
    fix: "choose another zone",
  };
}
