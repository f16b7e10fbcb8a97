import { migProfiles, timeSlicingClients } from "../../../catalog/sharing";
import { nodeRange } from "../../../values/node-range";
import type { Problem } from "../../problem";
import { clouds } from "../clouds";
import type { ManagedPool } from "../managed";
import type { PreflightCluster, Rule } from "./rule";
import { insteadOf } from "../machine";
import { oneZoneProblem } from "./zones";

/** Rules of every cloud about its pools. */
export const poolRules: readonly Rule[] = [
  {
    id: "COMMON-05",
    about: "a disk too small for system and image, or larger than any",
    facts: "2.11, 3.13, 4.5, 9.1",
    pool: diskProblem,
  },
  {
    id: "COMMON-06",
    about: "a range of nodes that is none",
    facts: "2.8, 3.14, 8.1",
    pool: ({ nodes }) =>
      nodeRange.safeParse(nodes).success
        ? undefined
        : {
            path: ["nodes"],
            problem: "not a range of nodes",
            found: `min ${nodes.min}, max ${nodes.max}`,
            allowed: "whole numbers, min from 0, and max from 1 and from min",
            fix: "correct min and max",
          },
  },
  {
    id: "COMMON-07",
    about: "a machine of another cloud",
    facts: "1.1",
    pool: ({ machine }, { kind }) =>
      machine.cloud === kind
        ? undefined
        : {
            path: ["machine"],
            problem: `a machine of ${machine.cloud}, not of ${kind}`,
            found: JSON.stringify(machine.name),
            allowed: `a machine of ${kind}, as catalog/machines/ has them`,
            fix: insteadOf(machine, kind),
          },
  },
  {
    id: "COMMON-08",
    about: "a machine without a list price",
    facts: "1.2",
    pool: ({ machine }) =>
      machine.usdPerHour !== undefined
        ? undefined
        : {
            path: ["machine"],
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
    pool: ({ machine }) =>
      machine.gpu === undefined || machine.gpuFraction === 1
        ? undefined
        : {
            path: ["machine"],
            problem: `a part of a GPU, ${machine.gpuMemoryGiB} GiB of it, and untried: the kubelet may offer no nvidia.com/gpu`,
            found: JSON.stringify(machine.name),
            allowed: "any machine; one with whole GPUs is sure to work",
            fix: `try it with one node first, or write gpu: ${machine.gpu}`,
            warning: true,
          },
  },
  {
    id: "COMMON-10",
    about:
      "sharing no GPU or a part of one, among a number of pods that cannot share one, or by a MIG profile that the GPU lacks or the cloud does not cut",
    facts: "2.10, 2.27, 4.4, 5.3",
    pool: sharingProblem,
  },
  {
    id: "COMMON-11",
    about: "ARM nodes, for which most images are not built",
    facts: "1.4",
    pool: ({ machine }) =>
      machine.arch === "amd64"
        ? undefined
        : {
            path: ["machine"],
            problem: "nodes with ARM processors",
            found: JSON.stringify(machine.name),
            allowed: "any machine; most images are built for amd64 alone",
            fix: "check that each image that is named by what runs on this pool has a variant for linux/arm64; build makes one",
            warning: true,
          },
  },
  {
    id: "COMMON-13",
    about: "nodes that are to be close to each other, in several zones",
    facts: "2.17, 3.18, 4.13",
    pool: oneZoneProblem,
  },
  {
    id: "COMMON-23",
    about: "a network for training between nodes without GPUs",
    facts: "2.17",
    pool: ({ machine, network }) =>
      network === undefined || machine.gpu
        ? undefined
        : {
            path: ["network"],
            problem: "a network for training, between nodes without GPUs",
            found: JSON.stringify(network),
            allowed: "nothing, for machines without GPUs",
            fix: "remove it, and name one zone if the pods talk much to each other",
          },
  },
  {
    id: "COMMON-16",
    about: "a pool's name that Kubernetes or the cloud does not take",
    facts: "2.5, 3.11",
    pool: (_, { kind }, name) => {
      if (name === systemName) return ownName;
      const { poolName } = clouds[kind].limits;
      if (!poolName) return undefined;
      const { form, longest, allowed, taken = [] } = poolName;
      if (form.test(name) && name.length <= longest && !taken.includes(name)) return undefined;
      return {
        path: [],
        problem: taken.includes(name) ? `a name that ${kind} has itself` : "not a name of a pool",
        found: JSON.stringify(name),
        allowed,
        fix: "rename the pool, for example after its GPU: l4",
      };
    },
  },
];

/** Name of the cluster's own nodes, as their label has it. */
const systemName = "system";

const ownName: Problem = {
  path: [],
  problem: "the name of the cluster's own nodes",
  found: JSON.stringify(systemName),
  allowed: "another name; what they are is said under cluster.system",
  fix: "rename the pool, for example after its machine: cpu",
};

/** Smallest disks in GiB: they hold the system and the unpacked image of a usual engine, or of a usual server without GPUs. */
const smallestDisks = { gpu: 100, cpu: 50 };

function diskProblem(
  { machine, diskGiB }: ManagedPool,
  cluster: PreflightCluster,
): Problem | undefined {
  if (diskGiB === undefined) return undefined;
  const smallestDisk = machine.gpu ? smallestDisks.gpu : smallestDisks.cpu;
  const largest = clouds[cluster.kind].limits.largestDiskGiB(cluster);
  if (diskGiB >= smallestDisk && diskGiB <= largest) return undefined;
  const at = { path: ["disk"], found: `${diskGiB}Gi` };
  return diskGiB < smallestDisk
    ? {
        ...at,
        problem: "too small for the system and one unpacked image",
        allowed: `${smallestDisk}Gi or more, and what the weights need`,
        fix: `write ${2 * smallestDisk}Gi, or remove the key for the default`,
      }
    : {
        ...at,
        problem: "larger than any disk of a node",
        allowed: `${smallestDisk}Gi to ${largest}Gi`,
        fix: "remove the key for the default, or keep the weights on a volume",
      };
}

function sharingProblem({ machine, sharing }: ManagedPool): Problem | undefined {
  if (!sharing) return undefined;
  if (machine.gpu === undefined) {
    return {
      path: ["sharing"],
      problem: `${machine.name} has no GPUs to share`,
      found: sharing.kind === "mig" ? sharing.profile : `${sharing.clients} pods`,
      allowed: "nothing, for machines without GPUs",
      fix: "remove sharing; pods share CPUs and memory by what they ask for",
    };
  }
  if (machine.gpuFraction < 1) {
    return {
      path: ["sharing"],
      problem: `${machine.name} has a part of a GPU, which cannot be shared further`,
      found: sharing.kind === "mig" ? sharing.profile : `${sharing.clients} pods`,
      allowed: "machines with whole GPUs",
      fix: `remove sharing, or write gpu: ${machine.gpu} for a machine with a whole one`,
    };
  }
  if (sharing.kind === "time-slicing") {
    const { clients } = sharing;
    const [fewest, most] = timeSlicingClients;
    if (Number.isInteger(clients) && clients >= fewest && clients <= most) return undefined;
    return {
      path: ["sharing", "timeSlicing"],
      problem: "not a number of pods that can share a GPU",
      found: `${clients}`,
      allowed: `a whole number from ${fewest} to ${most}`,
      fix: "choose one, or remove sharing",
    };
  }
  const { profile } = sharing;
  const profiles = migProfiles(machine.gpu, machine.cloud);
  if (profiles.includes(profile)) return undefined;
  const known = migProfiles(machine.gpu).includes(profile);
  const has = profiles.length > 0;
  const unknown = has ? `not a profile of ${machine.gpu}` : `${machine.gpu} has no MIG`;
  return {
    path: ["sharing", "mig"],
    problem: known ? `a profile that ${machine.cloud} does not cut ${machine.gpu} into` : unknown,
    found: JSON.stringify(profile),
    allowed: has ? profiles.join(", ") : "timeSlicing, on this GPU",
    fix: has ? "choose one of these" : "write { timeSlicing: 4 } instead",
  };
}
