import { z } from "zod";
import { systemMachines } from "../../catalog/cpu-nodes";
import { machines, type CapacityKind, type ManagedCloud } from "../../catalog/machines";
import { timeSlicingClients } from "../../catalog/sharing";
import { sourceRange } from "../../values/address";
import { count } from "../../values/amounts";
import { diskSize, kubernetesVersion, migProfile, region } from "../../values/cloud";
import { nodeRange } from "../../values/node-range";
import { ruleOf, rules, type Explanation, type Rule } from "../../values/rule";
import { oneOf, text, textOf } from "../../values/text";
import { meantOr } from "../spelling";
import { gpuOf, machineName, systemMachine } from "./machine";
import { machineHint } from "./machine-of-others";
import { usualCpuDiskGiB, usualDiskGiB } from "./managed";
import { zoneOf } from "./rules/zones";
import { systemNodes } from "./system-pool";

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
    system: systemPool(kind).optional(),
    deletionProtection: z
      .boolean()
      .register(rules, { allowed: "true or false" })
      .default(true)
      .describe("Whether the cloud and Pulumi refuse to delete the cluster."),
  };
}

/** The cluster's own nodes. */
function systemPool(kind: ManagedCloud) {
  const { min, max } = systemNodes[kind];
  const nodes = z
    .strictObject({
      min: count(min, 100).default(min).describe("Nodes that always run, spread over the zones."),
      max: count(min, 1000).describe("Nodes that they may grow to."),
    })
    .superRefine((given, context) => {
      if (given.min <= given.max) return;
      context.addIssue({
        code: "custom",
        path: ["min"],
        params: {
          problem: "greater than max",
          allowed: `a whole number from ${min} to ${given.max}, the max`,
          fix: `lower min to ${given.max}, or raise max to ${given.min}`,
        },
      });
    })
    .register(rules, { allowed: "a map with at least the key max", example: `{ max: ${max} }` });
  return z
    .strictObject({
      machine: systemMachine(kind)
        .optional()
        .describe(`Machine of the nodes, without GPUs; default: \`${systemMachines[kind].name}\`.`),
      nodes: nodes.optional().describe(`How many they are; default: ${min} to ${max}.`),
    })
    .describe(
      kind === "aks"
        ? "Nodes for pods that need no pool; AKS's own pods have 2 to 5 of the machine that the cluster was made with."
        : "Nodes for the cluster's own pods, and for those that need no pool.",
    );
}

/** Release channel and access of a cluster, on clouds with channels and an endpoint that a login protects. */
export function channelAndAccess(who: string) {
  return {
    channel: oneOf("rapid", "regular", "stable")
      .optional()
      .describe("Release channel to follow, never with `version`; default: `regular`."),
    access: accessRanges
      .optional()
      .describe(`Ranges that may reach the control plane; default: ${who}.`),
  };
}

/** Ranges that may reach the control plane. */
export const accessRanges = z.array(sourceRange).min(1).register(rules, {
  allowed: "a list of at least one range",
  example: "[203.0.113.0/24]",
  missing:
    "name the ranges of those who run pulumi and kubectl, for example [203.0.113.0/24]; nodes reach it from inside",
});

/** A list of members of a cloud's directory, by names of a form; `explain` says what is wrong with others. */
export function principals(
  form: RegExp,
  example: string,
  who: string,
  explain: (found: string) => Explanation,
) {
  return z
    .array(textOf(form, { allowed: `one of the ${who}`, example, explain }))
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
      .describe("Machine of the nodes, with GPUs or without, by the cloud's own name; or `gpu`."),
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
      .describe(
        `Disk of a node, for images and weights; default: \`${usualDiskGiB[cloud]}Gi\`, without GPUs \`${usualCpuDiskGiB[cloud]}Gi\`.`,
      ),
  };
}

/** How a pool is called for where it is missing, and what its machine is called elsewhere. */
export const poolRule = (cloud: ManagedCloud): Rule => ({
  allowed: "a map with the keys nodes and gpu or machine",
  example: "{ gpu: L4, nodes: { max: 4 } }",
  hint: (key, pool) => machineHint(cloud, key, pool),
});

/** Capacity types that one cloud alone has. */
const onlyOn: Readonly<Record<string, ManagedCloud>> = { "flex-start": "gke", block: "eks" };

/** A reservation as a capacity type names it, on a cloud whose reservations have no more than an id and a zone. */
export function plainReservation<Shape extends z.ZodRawShape>(shape: Shape) {
  const form = z.strictObject(shape);
  rules.add(form, {
    ...ruleOf(form),
    hint: (key) =>
      key === "project" || key === "reservationBlock"
        ? { problem: "a key of reservations on gke alone", fix: "remove it" }
        : undefined,
  });
  return form;
}

/** A pool's capacity types in order, of those that a cloud has: plain words, and maps that name a reservation, as they are written. */
export function capacityOrder<Type extends z.ZodType>(
  type: Type,
  words: readonly CapacityKind[],
  forms: Readonly<Record<string, string>>,
) {
  const allowed = [...words, ...Object.values(forms)].join(", ");
  const known: string[] = [...words, ...Object.keys(forms)];
  const explain = (found: unknown): Explanation | undefined => {
    const elsewhere = Object.entries(onlyOn).find(([kind]) => {
      const is =
        found === kind ||
        (typeof found === "object" && found !== null && Object.hasOwn(found, kind));
      return is && !known.includes(kind);
    });
    if (elsewhere) {
      return { problem: `a capacity type of ${elsewhere[1]} alone`, fix: "choose one of these" };
    }
    if (typeof found === "string") {
      const form = Object.hasOwn(forms, found) ? forms[found] : undefined;
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
