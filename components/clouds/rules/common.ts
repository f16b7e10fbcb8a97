import { accessProblems } from "./access";
import { capacityProblems } from "./capacity";
import { clusterNameProblem, poolNameProblem } from "./names";
import { trainingNetworkProblem } from "./network";
import { diskProblem, nodeRangeProblem } from "./nodes";
import type { ClusterRule, Rule } from "./rule";
import { sharingProblem } from "./sharing";
import { tagProblems } from "./tags";
import { versionProblem } from "./versions";
import { oneZoneProblem, zoneProblems } from "./zones";

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
    about: "a disk too small for system and image, or larger than any",
    facts: "2.11, 3.13, 4.5, 9.1",
    check: diskProblem,
  },
  {
    id: "COMMON-06",
    about: "a range of nodes that is none",
    facts: "2.8, 3.14, 8.1",
    check: (_, name, pool) => nodeRangeProblem(name, pool),
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
    about: "sharing a part of a GPU, or a MIG profile that the GPU lacks or the cloud does not cut",
    facts: "2.27, 4.4, 5.3",
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
      "capacity that the cloud or the machine is not sold as, without its zone or in another one, given twice, or that keeps no minimum",
    facts: "1.5, 2.6, 2.7, 3.9, 8.5",
    check: capacityProblems,
  },
  {
    id: "COMMON-13",
    about: "nodes that are to be close to each other, in several zones",
    facts: "2.17, 3.18, 4.13",
    check: oneZoneProblem,
  },
  {
    id: "COMMON-14",
    about:
      "control-plane access for what is no range, IPv6 or the whole internet, or for too many ranges",
    facts: "2.3, 3.2, 3.29, 4.1",
    checkCluster: accessProblems,
  },
  {
    id: "COMMON-15",
    about: "a cluster's name that its cloud does not take",
    facts: "2.5, 3.45, 4.31",
    checkCluster: clusterNameProblem,
  },
  {
    id: "COMMON-16",
    about: "a pool's name that Kubernetes or the cloud does not take",
    facts: "2.5, 3.11",
    check: poolNameProblem,
  },
  {
    id: "COMMON-17",
    about: "tags that the cloud or its disks do not take, or too many",
    facts: "2.4, 3.12, 4.8",
    checkCluster: tagProblems,
  },
  {
    id: "COMMON-18",
    about: "a network for training, which needs what this program does not make on that cloud",
    facts: "2.18, 4.15",
    check: trainingNetworkProblem,
  },
];
