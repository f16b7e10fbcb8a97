import { z } from "zod";
import { gpuMemoryGiB } from "../../catalog/gpus";
import {
  cheapestMachine,
  machine,
  machines,
  type CapacityKind,
  type Machine,
  type ManagedCloud,
} from "../../catalog/machines";
import { timeSlicingClients } from "../../catalog/sharing";
import { sourceRange } from "../../values/address";
import { count } from "../../values/amounts";
import { diskSize, gpuNames, kubernetesVersion, migProfile, region } from "../../values/cloud";
import { nodeRange } from "../../values/node-range";
import { rules, type Explanation } from "../../values/rule";
import { oneOf, text } from "../../values/text";
import { meantOr } from "../spelling";
import type { Problem } from "../problem";
import { usualDiskGiB } from "./managed";
import { zoneOf } from "./rules/zones";

/** What a cloud says of the keys that a cluster has on every cloud. */
interface ClusterWords {
  /** What a cluster of this kind is. */
  is: string;
  /** How its regions are named. */
  region: RegExp;
  /** What holds where no zones are named. */
  ownZones: string;
  /** What holds where no version is named. */
  ownVersion: string;
}

/** The keys of a cluster that are the same on every cloud. */
export function clusterFields<Kind extends ManagedCloud>(kind: Kind, words: ClusterWords) {
  const word = z.literal(kind);
  rules.add(word, { allowed: kind, example: kind });
  const exampleRegion = machines.find(({ cloud }) => cloud === kind)?.priceRegion ?? "";
  const zone = zoneOf[kind](exampleRegion).example;
  return {
    kind: word.describe(`\`${kind}\`: ${words.is}.`),
    region: region(words.region, exampleRegion).describe("Region of the cluster."),
    zones: z
      .array(text)
      .min(1)
      .register(rules, { allowed: "a list of zones", example: `[${zone}]` })
      .optional()
      .describe(`Zones of the nodes, such as \`${zone}\`; default: ${words.ownZones}.`),
    version: kubernetesVersion
      .optional()
      .describe(`Kubernetes version to stay on; default: ${words.ownVersion}.`),
    deletionProtection: z
      .boolean()
      .register(rules, { allowed: "true or false" })
      .default(true)
      .describe("Whether the cloud and Pulumi refuse to delete the cluster."),
  };
}

/** Release channel of a cluster, on clouds that have some. */
export const channel = oneOf("rapid", "regular", "stable")
  .optional()
  .describe("Release channel to follow, never with `version`; default: `regular`.");

/** Ranges that may reach the control plane; `missing` says what to do without, where they are needed. */
export function accessRanges(missing?: string) {
  return z.array(sourceRange).min(1).register(rules, {
    allowed: "a list of at least one range",
    example: "[203.0.113.0/24]",
    missing,
  });
}

/** A list of members of a cloud's directory. */
export function principals(example: string, who: string) {
  return z
    .array(
      z
        .string()
        .min(1)
        .register(rules, { allowed: `one of the ${who}`, example }),
    )
    .min(1)
    .register(rules, { allowed: `a list of ${who}`, example: `[${example}]` })
    .optional();
}

/** The keys of a pool that are the same on every cloud. */
export function poolFields(cloud: ManagedCloud) {
  return {
    gpu: gpuOf(cloud)
      .optional()
      .describe("GPU of the nodes, on the cheapest machine that has it whole; or `machine`."),
    machine: machineName(cloud)
      .optional()
      .describe("Machine of the nodes, by the cloud's own name; or `gpu`."),
    gpusPerNode: count(1, 16)
      .optional()
      .describe("GPUs of one node; default: those of the machine, or of the cheapest one."),
    nodes: nodeRange,
    zones: z
      .array(text)
      .min(1)
      .register(rules, { allowed: "a list of zones" })
      .optional()
      .describe("Zones of the nodes; default: the cluster's."),
    disk: diskSize
      .optional()
      .describe(`Disk of a node, for images and weights; default: \`${usualDiskGiB[cloud]}Gi\`.`),
  };
}

/** How a pool is called for where it is missing. */
export const poolRule = {
  allowed: "a map with the keys nodes and gpu or machine",
  example: "{ gpu: L4, nodes: { max: 4 } }",
};

/** GPUs that a cloud has on some machine as a whole. */
function gpuOf(cloud: ManagedCloud) {
  const whole = machines.filter((one) => one.cloud === cloud && one.gpuFraction === 1);
  const offered = [...new Set(whole.map(({ gpu }) => gpu))];
  return z.enum(offered).register(rules, {
    allowed: offered.join(", "),
    example: offered[0],
    explain: (found) => {
      const wanted = gpuNames.find((known) => known === found);
      if (wanted === undefined) return undefined;
      const memory = gpuMemoryGiB[wanted];
      const [close] = offered
        .filter((other) => gpuMemoryGiB[other] >= memory)
        .sort((a, b) => gpuMemoryGiB[a] - gpuMemoryGiB[b]);
      return {
        problem: `not offered on ${cloud}`,
        fix: close
          ? `choose another one; the next with at least ${memory} GiB is ${close}`
          : "choose another one, or another cloud",
      };
    },
  });
}

/** Name of a machine of the catalog. */
function machineName(cloud: ManagedCloud) {
  const known = machines.filter((one) => one.cloud === cloud).map(({ name }) => name);
  const explain = (found: unknown): Explanation | undefined => {
    if (typeof found !== "string") return undefined;
    const other = machines.find(({ name }) => name === found);
    if (other) {
      return {
        problem: `a machine of ${other.cloud}, not of ${cloud}`,
        fix: `write gpu: ${other.gpu} for the cheapest machine with it on every cloud`,
      };
    }
    const fix = meantOr(found, known, "name the GPU instead: gpu: L4");
    return { problem: "not a machine with NVIDIA GPUs", fix };
  };
  return z
    .string()
    .refine((name) => machine(cloud, name) !== undefined)
    .register(rules, {
      allowed: `a machine of catalog/machines/${cloud}.ts, such as ${known[0]}`,
      example: known[0],
      explain,
    });
}

/** Which machine a pool wants. */
type Wanted = Partial<Pick<Machine, "gpu" | "gpusPerNode">> & { machine?: string };

/** The machine that a pool's nodes are: the one it names, or the cheapest with its GPU; or why there is none. */
function machineOf(
  cloud: ManagedCloud,
  { gpu, machine: name, gpusPerNode }: Wanted,
): Machine | Omit<Problem, "found"> {
  if ((gpu === undefined) === (name === undefined)) {
    return gpu === undefined
      ? {
          path: ["gpu"],
          problem: "missing",
          allowed: "one of gpu and machine",
          fix: "say what the nodes have, gpu: L4, or which machine they are, machine: <name>",
        }
      : {
          path: ["machine"],
          problem: "never together with gpu",
          allowed: "gpu or machine, one of both",
          fix: `remove gpu for this machine, or remove machine for the cheapest one with a whole ${gpu}`,
        };
  }
  const chosen = gpu
    ? cheapestMachine(cloud, gpu, gpusPerNode)
    : machine(cloud, name ?? "", gpusPerNode);
  if (chosen) return chosen;
  const counts = machines
    .filter((one) => one.cloud === cloud && (gpu ? one.gpu === gpu : one.name === name))
    .flatMap((one) => (gpu && one.gpuFraction < 1 ? [] : [one.gpusPerNode]))
    .sort((a, b) => a - b);
  return {
    path: ["gpusPerNode"],
    problem: "no machine with that many GPUs",
    allowed: `${[...new Set(counts)].join(", ")}: GPUs of ${name ?? `one machine of ${cloud} with ${gpu}`}`,
    fix: `choose one of these, or remove it for ${counts[0]}`,
  };
}

/** Reads a pool of a file into the argument of a component: its machine is one of the catalog. */
export function withMachine(cloud: ManagedCloud) {
  return <Fields extends Wanted & { disk?: number }>(
    { gpu, machine: name, gpusPerNode, disk, ...pool }: Fields,
    context: z.core.$RefinementCtx,
  ) => {
    const found = machineOf(cloud, { gpu, machine: name, gpusPerNode });
    if ("problem" in found) {
      context.addIssue({ code: "custom", path: [...found.path], params: { ...found } });
      return z.NEVER;
    }
    return { ...pool, machine: found, ...(disk !== undefined && { diskGiB: disk }) };
  };
}

/** A pool's capacity types in order, of those that a cloud has: plain words, and maps that name a reservation, as they are written. */
export function capacityOrder<Type extends z.ZodType>(
  type: Type,
  words: readonly CapacityKind[],
  forms: Readonly<Record<string, string>>,
) {
  const allowed = [...words, ...Object.values(forms)].join(", ");
  const explain = (found: unknown): Explanation | undefined => {
    if (typeof found === "string") {
      const form = forms[found];
      if (form) return { problem: "no reservation named", fix: `write ${form}` };
      const fix = meantOr(found, words, "choose one of these");
      return { problem: "unknown word", fix };
    }
    if (typeof found !== "object" || found === null) return undefined;
    const named = Object.keys(forms).some((key) => key in found);
    return named && !("zone" in found)
      ? { problem: "no zone", fix: "add the zone that the reservation is in" }
      : { problem: "not a capacity type", fix: "choose one of these, names in quotes" };
  };
  rules.add(type, { allowed, example: "spot", explain });
  return z
    .array(type)
    .min(1)
    .register(rules, {
      allowed: `a list of at least one of ${allowed}`,
      example: "[spot, on-demand]",
    });
}

/** Capacity types that are a word. */
export function plainCapacity<Word extends CapacityKind>(words: readonly Word[]) {
  return z.enum(words).transform((kind) => ({ kind }));
}

/** Number of pods that take turns on one GPU. */
export const timeSlicing = count(...timeSlicingClients).describe(
  "Pods that take turns on one GPU; nothing keeps them from each other's memory.",
);

/** How the pods of a pool share its GPUs, where they are cut by MIG, too. */
export const sharing = z
  .strictObject({
    timeSlicing: timeSlicing.optional(),
    mig: migProfile
      .optional()
      .describe("Profile of the isolated slices that each GPU is cut into."),
  })
  .register(rules, {
    allowed: "{ timeSlicing: pods } or { mig: profile }",
    example: "{ timeSlicing: 4 }",
  })
  .transform(({ timeSlicing: clients, mig: profile }, context) => {
    if (clients !== undefined && profile === undefined) {
      return { kind: "time-slicing" as const, clients };
    }
    if (profile !== undefined && clients === undefined) return { kind: "mig" as const, profile };
    context.addIssue({
      code: "custom",
      params: {
        problem: profile === undefined ? "no way of sharing" : "two ways of sharing",
        allowed: "{ timeSlicing: pods } or { mig: profile }",
        fix: profile === undefined ? "name one, or remove the key" : "keep one of them",
      },
    });
    return z.NEVER;
  })
  .optional()
  .describe("How pods share one GPU; default: each GPU belongs to one pod.");

/** The network between a pool's nodes, on a cloud where this program makes none for training, and why. */
export function compactNetwork(noneForTraining: string) {
  return z
    .enum(["compact"])
    .register(rules, {
      allowed: "compact",
      example: "compact",
      explain: (found) =>
        found === "fast"
          ? {
              problem: noneForTraining,
              fix: "write compact, or make such a pool yourself, and describe its cluster as kind: existing with interconnect",
            }
          : undefined,
    })
    .optional()
    .describe(
      "Network between the nodes, for jobs on several workers: `compact` puts them close to each other, in one zone. Default: nodes anywhere in their zones.",
    );
}
