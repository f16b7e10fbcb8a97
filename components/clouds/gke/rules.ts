import type { GpuName } from "../../../catalog/gpus";
import { machines } from "../../../catalog/machines";
import { onDemandProblems, placementProblems, reservationProblems } from "./capacity-rules";
import type { Problem } from "../../problem";
import type { ClusterRule, Rule } from "../rules/rule";

/** What Google Cloud alone would refuse after minutes, or never do. */
export const gkeRules: readonly (Rule | ClusterRule)[] = [
  {
    id: "GKE-01",
    about: "a region that is none",
    facts: "2.2",
    checkCluster: ({ region }) =>
      /^[a-z]+-[a-z]+\d+$/.test(region)
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
    id: "GKE-05",
    about: "a machine without that number of GPUs",
    facts: "1.1",
    check: (_, name, { machine }) => {
      if (machine.cloud !== "gke") return undefined;
      const offered = machines.filter((one) => one.cloud === "gke" && one.name === machine.name);
      const counts = offered.map((one) => one.gpusPerNode);
      if (counts.includes(machine.gpusPerNode)) return undefined;
      if (counts.length === 0) {
        return {
          path: ["pools", name, "machine"],
          problem: "not a GPU machine of Google Cloud",
          found: JSON.stringify(machine.name),
          allowed: "a machine of catalog/machines/gke.ts, such as g2-standard-12",
          fix: "name one, or name the gpu and leave machine out",
        };
      }
      return {
        path: ["pools", name, "gpusPerNode"],
        problem: `not a number of GPUs that ${machine.name} takes`,
        found: `${machine.gpusPerNode}`,
        allowed: counts.join(", "),
        fix: `set gpusPerNode to ${counts.join(" or ")}, or choose another machine`,
      };
    },
  },
  {
    id: "GKE-07",
    about: "nodes that always run, from flex-start alone",
    facts: "2.7",
    check: (_, name, { capacity, nodes: { min } }) =>
      min > 0 && capacity.length > 0 && capacity.every(({ kind }) => kind === "flex-start")
        ? {
            path: ["pools", name, "nodes", "min"],
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
    check: (_, name, { capacity, nodes: { min, max } }) =>
      capacity.length > 1 && min === max
        ? {
            path: ["pools", name, "nodes"],
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
    check: (cluster, name, { capacity, zones = cluster.zones, nodes: { min, max } }) => {
      const steady = capacity.find(({ kind }) => kind === "reserved" || kind === "on-demand");
      const count = steady?.kind === "reserved" ? 1 : (zones?.length ?? 3);
      const start = Math.ceil(min / count) * count;
      if (start <= max || min > max) return undefined;
      return {
        path: ["pools", name, "nodes", "min"],
        problem: "does not fit the zones: a pool starts with equally many nodes in each",
        found: `${min} in ${count} zones, of at most ${max}`,
        allowed: `a number that, shared out over ${count} zones and rounded up, stays within max`,
        fix: `name fewer zones for the pool, or raise max to ${start}`,
      };
    },
  },
  {
    id: "GKE-10",
    about: "a number of pods that cannot share a GPU",
    facts: "2.10",
    check: (_, name, { sharing }) =>
      sharing?.kind !== "time-slicing" ||
      (Number.isInteger(sharing.clients) && sharing.clients >= 2 && sharing.clients <= 48)
        ? undefined
        : {
            path: ["pools", name, "sharing", "timeSlicing"],
            problem: "not a number of pods that can share a GPU",
            found: `${sharing.clients}`,
            allowed: "a whole number from 2 to 48",
            fix: "choose one, or remove sharing",
          },
  },
  {
    id: "GKE-13",
    about: "no zones named",
    facts: "2.2",
    check: (cluster, name, { machine, capacity, zones = cluster.zones }) =>
      zones !== undefined || capacity.every(({ kind }) => kind === "reserved")
        ? undefined
        : {
            path: ["pools", name, "zones"],
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
    check: (_, name, { machine, network }) =>
      network === undefined || packed.includes(machine.gpu)
        ? undefined
        : {
            path: ["pools", name, "network"],
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
    check: (_, name, { machine, capacity, network }) =>
      network === undefined || !packed.includes(machine.gpu)
        ? []
        : capacity.flatMap((type, at) => placementProblems(["pools", name, "capacity", at], type)),
  },
  {
    id: "GKE-17",
    about: "a reservation that is more than a name",
    facts: "2.6",
    check: (_, name, { capacity }) =>
      capacity.flatMap((type, at) =>
        type.kind === "reserved" ? reservationProblems(["pools", name, "capacity", at], type) : [],
      ),
  },
  {
    id: "GKE-18",
    about: "A3 Ultra and A4 machines on demand",
    facts: "2.26",
    check: (_, name, { machine, capacity }) =>
      capacity.flatMap((type, at) =>
        onDemandProblems(["pools", name, "capacity", at], type, machine.name),
      ),
  },
  {
    id: "GKE-19",
    about: "an AI zone for all nodes",
    facts: "2.2",
    checkCluster: ({ zones = [] }) =>
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
];

/** GPUs whose nodes GKE places close to each other. */
const packed: readonly GpuName[] = ["A100", "A100-80", "L4", "H100", "H100-MEGA"];
