import { diskTypes } from "../../../catalog/gke";
import type { GpuName } from "../../../catalog/gpus";
import type { Problem } from "../../problem";
import { longestClusterName, type ReservedCapacity } from "../managed";
import type { CloudLimits } from "../limits";
import type { Rule } from "../rules/rule";
import { gkeCluster } from "./schema";

/** Longest name of a pool, so that its node pools' names of 40 characters can still be read. */
const longestName = 30;

/** What Google Cloud takes (docs/facts.md 2.3 to 2.6, 2.11). */
export const gkeLimits: CloudLimits = {
  clusterName: {
    form: /^[a-z]([a-z0-9-]*[a-z0-9])?$/,
    longest: longestClusterName,
    allowed: `1 to ${longestClusterName} of a-z, 0-9 and -, first a letter and last no -`,
  },
  poolName: {
    form: /^[a-z]([-a-z0-9]*[a-z0-9])?$/,
    longest: longestName,
    allowed: `1 to ${longestName} of a-z, 0-9 and -, first a letter and last no -`,
  },
  largestDiskGiB: () => 64 * 1024,
  narrower: "give your own IPv4 ranges, or remove access to use the endpoint that IAM protects",
  tags: {
    called: "label",
    // As the driver that makes disks has it: letters of any script, digits of one.
    key: (key) => /^\p{Ll}[\p{Ll}0-9_-]{0,62}$/u.test(key),
    value: (value) => /^[\p{Ll}0-9_-]{0,63}$/u.test(value),
    allowed: "up to 63 lower-case letters, digits, _ and -; a key starts with a letter",
    fix: "write it in lower case and with - between words",
  },
};

/** What Google Cloud alone would refuse after minutes, or never do. */
export const gkeRules: readonly Rule[] = [
  {
    id: "GKE-01",
    about: "a region that is none",
    facts: "2.2",
    cluster: ({ region }) =>
      gkeCluster.shape.region.safeParse(region).success
        ? undefined
        : {
            path: ["cluster", "region"],
            problem: "not a region",
            found: JSON.stringify(region),
            allowed: "the name of a region, such as us-central1",
            fix: "name a region here, and zones under zones",
          },
  },
  {
    id: "GKE-07",
    about: "nodes that always run, from flex-start alone",
    facts: "2.7",
    pool: ({ capacity, nodes: { min } }) =>
      min > 0 && capacity.length > 0 && capacity.every(({ kind }) => kind === "flex-start")
        ? {
            path: ["nodes", "min"],
            problem: "nodes that always run, from flex-start alone",
            found: `${min}`,
            allowed: "0 where flex-start is the only capacity",
            fix: "set min to 0, or add on-demand, spot or reserved to capacity",
          }
        : undefined,
  },
  {
    id: "GKE-08",
    about: "a fixed number of nodes from several kinds of capacity",
    facts: "2.8",
    pool: ({ capacity, nodes: { min, max } }) =>
      capacity.length > 1 && min === max
        ? {
            path: ["nodes"],
            problem: "a fixed number of nodes, which cannot go from one capacity to the next",
            found: `min ${min}, max ${max}, and ${capacity.length} kinds of capacity`,
            allowed: "min below max, or one kind of capacity",
            fix: "lower min, raise max, or keep one kind of capacity",
          }
        : undefined,
  },
  {
    id: "GKE-09",
    about: "a minimum that the zones cannot share out",
    facts: "2.9",
    pool: ({ capacity, nodes: { min, max }, ...pool }, cluster) => {
      const zones = pool.zones ?? cluster.zones;
      const steady = capacity.find(({ kind }) => kind === "reserved" || kind === "on-demand");
      const count = steady?.kind === "reserved" ? 1 : (zones?.length ?? 3);
      const start = Math.ceil(min / count) * count;
      if (start <= max || min > max) return undefined;
      return {
        path: ["nodes", "min"],
        problem: "does not fit the zones: a pool starts with equally many nodes in each",
        found: `${min} in ${count} zones, of at most ${max}`,
        allowed: `a number that, shared out over ${count} zones and rounded up, stays within max`,
        fix: `name fewer zones for the pool, or raise max to ${start}`,
      };
    },
  },
  {
    id: "GKE-13",
    about: "no zones named",
    facts: "2.2",
    pool: ({ machine, capacity, zones }, cluster) =>
      machine.gpu === undefined ||
      (zones ?? cluster.zones) !== undefined ||
      capacity.every(({ kind }) => kind === "reserved")
        ? undefined
        : {
            path: ["zones"],
            problem: `no zones: GKE chooses some, and refuses the pool where one of them has no ${machine.gpu}`,
            found: "nothing",
            allowed: `zones of ${cluster.region} that have ${machine.acceleratorType ?? machine.gpu}`,
            fix: `name those that \`gcloud compute accelerator-types list --filter=name=${machine.acceleratorType ?? machine.gpu}\` shows`,
            warning: true,
          },
  },
  {
    id: "GKE-14",
    about: "compact placement of machines that GKE does not place",
    facts: "2.17",
    pool: ({ machine, network }) =>
      network === undefined || machine.gpu === undefined || packed.includes(machine.gpu)
        ? undefined
        : {
            path: ["network"],
            problem: `GKE places nodes with ${machine.gpu} close to each other by no policy`,
            found: JSON.stringify(network),
            allowed: `compact, on machines with ${packed.join(", ")}`,
            fix: "remove it and name one zone; nodes of one reservation or flex-start request of the larger machines are close to each other anyway",
          },
  },
  {
    id: "GKE-16",
    about: "compact placement of flex-start or reserved nodes",
    facts: "2.17",
    capacity: ({ kind }, { machine, network }) =>
      network === undefined ||
      machine.gpu === undefined ||
      !packed.includes(machine.gpu) ||
      (kind !== "flex-start" && kind !== "reserved")
        ? undefined
        : {
            path: [],
            problem:
              kind === "reserved"
                ? "a reservation takes nodes of its own placement policy, not of the one that GKE makes for network: compact"
                : "GKE places flex-start nodes of no machine that network: compact takes",
            found: JSON.stringify(kind),
            allowed: "spot, on-demand, with network: compact",
            fix: "remove this capacity type, or remove network and name one zone",
          },
  },
  {
    id: "GKE-17",
    about: "a reservation that is more than a name",
    facts: "2.6",
    capacity: (type) => (type.kind === "reserved" ? reservationProblems(type) : []),
  },
  {
    id: "GKE-18",
    about: "A3 Ultra and A4 machines on demand",
    facts: "2.26",
    capacity: ({ kind }, { machine }) =>
      kind !== "on-demand" || !/^(a3-ultragpu|a4)-/.test(machine.name)
        ? undefined
        : {
            path: [],
            problem: `Google lists reservations, flex-start and spot as the ways to ${machine.name}`,
            found: JSON.stringify(kind),
            allowed: "{ reserved }, flex-start, spot",
            fix: "add one of these, or ask Google whether your project gets them on demand",
            warning: true,
          },
  },
  {
    id: "GKE-19",
    about: "an AI zone for all nodes",
    facts: "2.2",
    cluster: ({ zones = [] }) =>
      zones.flatMap((zone, at): Problem[] =>
        /-ai\d+[a-z]$/.test(zone)
          ? [
              {
                path: ["cluster", "zones", at],
                problem:
                  "an AI zone, which Google makes for accelerators alone, for the nodes without GPUs, too",
                found: JSON.stringify(zone),
                allowed: "zones with a letter; AI zones under zones of pools",
                fix: "name it under zones of the pools that are to be there",
                warning: true,
              },
            ]
          : [],
      ),
  },
  {
    id: "GKE-20",
    about: "own nodes of the cluster that take no disks of its usual kind",
    facts: "2.11",
    cluster: ({ system: { machine } = {} }) =>
      machine === undefined || diskTypes(machine).includes("pd-balanced")
        ? undefined
        : {
            path: ["cluster", "system", "machine"],
            problem:
              "nodes that take Hyperdisks alone, where disks of pods without a pool are Persistent Disks",
            found: JSON.stringify(machine.name),
            allowed: "machines of e2, n2, n2d, c2, c2d, c3, c3d, t2d",
            fix: "choose one of these, and put this machine under pools",
          },
  },
];

/** GPUs whose nodes GKE places close to each other. */
const packed: readonly GpuName[] = ["A100", "A100-80", "L4", "H100", "H100-MEGA"];

/** Names of resources of Compute Engine's. */
const resourceName = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** What of a reservation is not a name: the parts of a path have keys of their own. */
function reservationProblems({ reservation, reservationBlock, zone }: ReservedCapacity): Problem[] {
  const parts = /^(?:projects\/([^/]+)\/reservations\/)?([^/]+)(?:\/reservationBlocks\/([^/]+))?$/;
  const [, project, name = "NAME", block] = parts.exec(reservation) ?? [];
  const meant = [
    `reserved: ${name}`,
    ...(project === undefined ? [] : [`project: ${project}`]),
    ...(block === undefined ? [] : [`reservationBlock: ${block}`]),
    `zone: ${zone ?? "ZONE"}`,
  ];
  const ofReservation: Problem = {
    path: [],
    problem: "not the name of a reservation",
    found: JSON.stringify(reservation),
    allowed: "1 to 63 of a-z, 0-9 and -; project and reservationBlock are keys of their own",
    fix: `write { ${meant.join(", ")} }`,
  };
  const ofBlock: Problem = {
    path: ["reservationBlock"],
    problem: "not the name of a block",
    found: JSON.stringify(reservationBlock),
    allowed: "1 to 63 of a-z, 0-9 and -",
    fix: "write the block's name alone, as gcloud compute reservations blocks list shows it",
  };
  return [
    ...(resourceName.test(reservation) ? [] : [ofReservation]),
    ...(reservationBlock === undefined || resourceName.test(reservationBlock) ? [] : [ofBlock]),
  ];
}
