import type { ManagedPool } from "../managed";
import { range } from "../../../catalog/cidr";
import { migProfiles } from "../../../catalog/sharing";
import { rungProblems } from "./capacity";
import type { Problem } from "../../problem";
import type { ClusterRule, Rule } from "./rule";
import { versionProblem } from "./versions";
import { oneZoneProblem, zoneProblems } from "./zones";

/** Smallest disk in GiB that holds the system and the unpacked image of a usual engine. */
const leastDisk = 100;

/** Rules that hold on every cloud. */
export const commonRules: readonly (Rule | ClusterRule)[] = [
  {
    id: "COMMON-01",
    about: "a version together with a channel",
    facts: "2.1, 3.1",
    checkCluster: ({ version, channel }) =>
      version === undefined || channel === undefined
        ? undefined
        : {
            path: ["cluster", "channel"],
            problem: "never together with version",
            found: JSON.stringify(channel),
            allowed: "version or channel, one of both",
            fix: `remove version to follow the channel, or remove channel to stay on ${version}`,
          },
  },
  {
    id: "COMMON-02",
    about: "a version whose support is over or runs out",
    facts: "3.1",
    checkCluster: versionProblem,
  },
  {
    id: "COMMON-03",
    about: "zones of the cluster outside its region, or given twice",
    facts: "2.2, 4.2",
    checkCluster: (cluster) => zoneProblems(cluster, ["cluster", "zones"], cluster.zones),
  },
  {
    id: "COMMON-04",
    about: "zones of a pool outside the region, or given twice",
    facts: "2.2, 4.2",
    check: (cluster, name, pool) => zoneProblems(cluster, ["pools", name, "zones"], pool.zones),
  },
  {
    id: "COMMON-05",
    about: "a disk too small for system and image",
    facts: "9.1",
    check: (_, name, { diskGiB }) =>
      diskGiB === undefined || diskGiB >= leastDisk
        ? undefined
        : {
            path: ["pools", name, "disk"],
            problem: "too small for the system and one unpacked image",
            found: `${diskGiB}Gi`,
            allowed: `${leastDisk}Gi or more, and what the weights need`,
            fix: "write 200Gi, or remove the key for the default",
          },
  },
  {
    id: "COMMON-06",
    about: "min above max",
    facts: "8.1",
    check: (_, name, { nodes: { min, max } }) =>
      min <= max
        ? undefined
        : {
            path: ["pools", name, "nodes", "min"],
            problem: "greater than max",
            found: String(min),
            allowed: `a whole number from 0 to ${max}, the pool's max`,
            fix: `lower min to ${max}, or raise max to ${min}`,
          },
  },
  {
    id: "COMMON-07",
    about: "a machine of another cloud",
    facts: "1.1",
    check: ({ kind }, name, { machine }) =>
      machine.cloud === kind
        ? undefined
        : {
            path: ["pools", name, "machine"],
            problem: `a machine of ${machine.cloud}, not of ${kind}`,
            found: JSON.stringify(machine.name),
            allowed: `a machine of catalog/machines/${kind}.ts`,
            fix: `write gpu: ${machine.gpu} for the cheapest machine with it on every cloud`,
          },
  },
  {
    id: "COMMON-08",
    about: "a machine without a list price",
    facts: "1.2",
    check: (_, name, { machine }) =>
      machine.usdPerHour !== undefined
        ? undefined
        : {
            path: ["pools", name, "machine"],
            problem: "no list price: nobody can tell what it costs",
            found: JSON.stringify(machine.name),
            allowed: "any machine; one with a list price has its cost told",
            fix: "ask the cloud for its price before you apply this",
            warning: true,
          },
  },
  {
    id: "COMMON-09",
    about: "a machine with a part of a GPU",
    facts: "1.3",
    check: (_, name, { machine }) =>
      machine.gpuFraction === 1
        ? undefined
        : {
            path: ["pools", name, "machine"],
            problem: `a part of a GPU, ${machine.gpuMemoryGiB} GiB of it, and untried: the kubelet may offer no nvidia.com/gpu`,
            found: JSON.stringify(machine.name),
            allowed: "any machine; one with whole GPUs is sure to work",
            fix: `try it with one node first, or write gpu: ${machine.gpu}`,
            warning: true,
          },
  },
  {
    id: "COMMON-10",
    about: "sharing a part of a GPU, or a MIG profile that the GPU lacks",
    facts: "5.3",
    check: (_, name, pool) => sharingProblem(name, pool),
  },
  {
    id: "COMMON-11",
    about: "ARM nodes, for which most images are not built",
    facts: "1.4",
    check: (_, name, { machine }) =>
      machine.arch === "amd64"
        ? undefined
        : {
            path: ["pools", name, "machine"],
            problem: "nodes with ARM processors",
            found: JSON.stringify(machine.name),
            allowed: "any machine; most images are built for amd64 alone",
            fix: "check that every image of this pool has a variant for linux/arm64",
            warning: true,
          },
  },
  {
    id: "COMMON-12",
    about:
      "capacity that the cloud or the machine is not sold as, in another zone, given twice, or that keeps no minimum",
    facts: "1.5, 2.6, 2.7, 3.9, 8.5",
    check: (cluster, name, pool) => rungProblems(cluster, name, pool),
  },
  {
    id: "COMMON-13",
    about: "nodes that are to be close to each other, in several zones",
    facts: "2.17, 3.18, 4.13",
    check: (cluster, name, pool) => oneZoneProblem(cluster, name, pool),
  },
  {
    id: "COMMON-14",
    about: "control-plane access for what is no range, or has bits set behind its length",
    facts: "2.3",
    checkCluster: ({ access = [] }) => access.flatMap(rangeProblems),
  },
];

function rangeProblems(text: string, at: number): Problem[] {
  const parsed = range(text);
  if (parsed && !parsed.hostBits) return [];
  return [
    {
      path: ["cluster", "access", at],
      problem: parsed ? "bits set behind the length of the range" : "not a range of addresses",
      found: JSON.stringify(text),
      allowed: "ranges such as 203.0.113.0/24, with no bit set behind the length",
      fix: parsed ? `write "${parsed.canonical}"` : 'write it like "203.0.113.0/24"',
    },
  ];
}

function sharingProblem(name: string, { machine, sharing }: ManagedPool): Problem | undefined {
  if (!sharing) return undefined;
  const at = { path: ["pools", name, "sharing"] };
  if (machine.gpuFraction < 1) {
    return {
      ...at,
      problem: `${machine.name} has a part of a GPU, which cannot be shared further`,
      found: sharing.kind === "mig" ? sharing.profile : `${sharing.clients} pods`,
      allowed: "machines with whole GPUs",
      fix: `remove sharing, or write gpu: ${machine.gpu} for a machine with a whole one`,
    };
  }
  if (sharing.kind === "time-slicing") return undefined;
  const profiles = migProfiles(machine.gpu, machine.cloud);
  if (profiles.includes(sharing.profile)) return undefined;
  const elsewhere = migProfiles(machine.gpu).includes(sharing.profile);
  return {
    path: [...at.path, "mig"],
    problem: elsewhere
      ? `a profile that ${machine.cloud} does not cut ${machine.gpu} into`
      : profiles.length > 0
        ? `not a profile of ${machine.gpu}`
        : `${machine.gpu} has no MIG`,
    found: JSON.stringify(sharing.profile),
    allowed: profiles.length > 0 ? profiles.join(", ") : "timeSlicing, on this GPU",
    fix: profiles.length > 0 ? "choose one of these" : "write { timeSlicing: 4 } instead",
  };
}
