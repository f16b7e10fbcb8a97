import { z } from "zod";
import { count } from "../../values/amounts";
import { capacityType, diskSize, gpuName, migProfile } from "../../values/cloud";
import { nodeRange } from "../../values/node-range";
import { ruleOf, rules } from "../../values/rule";
import { labelKey, labelValue } from "../../values/names";
import { taint } from "../../values/taint";
import { isEmptyMap, text } from "../../values/text";

const sharing = z
  .strictObject({
    timeSlicing: count(2, 48)
      .optional()
      .describe("Pods that take turns on one GPU; nothing keeps them from each other's memory."),
    mig: migProfile
      .optional()
      .describe("Profile of the isolated slices that each GPU is cut into."),
  })
  .superRefine((given, context) => {
    const many = Object.values(given).filter((value) => value !== undefined).length;
    if (many === 1) return;
    context.addIssue({
      code: "custom",
      params: {
        problem: many === 0 ? "no way of sharing" : "two ways of sharing",
        allowed: "{ timeSlicing: pods } or { mig: profile }",
        fix: many === 0 ? "name one, or remove the key" : "keep one of them",
      },
    });
  })
  .register(rules, {
    allowed: "{ timeSlicing: pods } or { mig: profile }",
    example: "{ timeSlicing: 4 }",
  });

/** A pool of GPU nodes that we make. */
export const managedPool = z
  .strictObject({
    gpu: gpuName
      .optional()
      .describe("GPU of the nodes, on the cheapest machine that has it whole; or `machine`."),
    machine: z
      .string()
      .min(1)
      .register(rules, {
        allowed: "the cloud's name of a machine with NVIDIA GPUs",
        example: "g2-standard-12",
      })
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
      .describe("Disk of a node, for images and weights; default: `200Gi`, on AKS `512Gi`."),
    capacity: z
      .array(capacityType)
      .min(1)
      .register(rules, {
        allowed: "a list of at least one of on-demand, spot, flex-start, { reserved }, { block }",
        example: "[spot, on-demand]",
      })
      .default(["on-demand"])
      .describe(
        "Where nodes come from, in the order that is tried. On GKE a reservation may also name its `project` and `reservationBlock`.",
      ),
    sharing: sharing
      .optional()
      .describe("How pods share one GPU; default: each GPU belongs to one pod."),
    network: z
      .enum(["compact", "fast"])
      .register(rules, { allowed: "compact, fast", example: "compact" })
      .optional()
      .describe(
        "Network between the nodes, for jobs on several workers: `compact` puts the nodes close to each other, in one zone, `fast` also gives them the machine's network for training (AWS: EFA). Default: nodes anywhere in their zones.",
      ),
  })
  .register(rules, {
    allowed: "a map with the keys nodes and gpu or machine",
    example: "{ gpu: L4, nodes: { max: 4 } }",
  });

const interconnect = z
  .strictObject({
    within: labelKey
      .optional()
      .describe(
        "Node label whose value is the same on nodes near to each other; all workers of a job run where it is. Default: in one zone, where there is room.",
      ),
    resources: z
      .record(labelKey, count(1, 64))
      .register(rules, {
        allowed: "a map of resources to how many a node offers",
        example: "{ vpc.amazonaws.com/efa: 32 }",
      })
      .optional()
      .describe(
        "Resources of the fast network that one node offers, such as `{ vpc.amazonaws.com/efa: 32 }`; a worker asks for the share of its GPUs.",
      ),
  })
  .register(rules, {
    allowed: "a map with any of the keys within, resources",
    example: "{ within: topology.kubernetes.io/zone }",
  });

/** A pool of GPU nodes that somebody else keeps, described. */
export const describedPool = z
  .strictObject({
    gpu: gpuName.describe("GPU of the nodes."),
    gpusPerNode: count(1, 16).default(1).describe("GPUs that one node offers."),
    select: z
      .record(labelKey, labelValue)
      .refine((labels) => Object.keys(labels).length > 0)
      .register(rules, {
        allowed: "a map of at least one node label to its value",
        example: "{ gpu-serving/pool: l4 }",
        explain: (found) =>
          isEmptyMap(found)
            ? {
                problem: "no label",
                fix: "name a label that all nodes of the pool carry and no others",
              }
            : undefined,
      })
      .describe("Labels that all nodes of the pool carry, and no others."),
    taints: z
      .array(taint)
      .register(rules, { allowed: "a list of taints" })
      .default([])
      .describe("Taints of the nodes, each `key[=value]:effect`; the pool's pods tolerate them."),
    nodes: nodeRange,
    interconnect: interconnect
      .optional()
      .describe("Network between the nodes, for jobs on several workers."),
  })
  .register(rules, {
    allowed: "a map with at least the keys gpu, select, nodes",
    example: "{ gpu: L4, select: { gpu-serving/pool: l4 }, nodes: { max: 2 } }",
  });

// Keys of the one form are explained on the other.
managedPool.register(rules, {
  ...ruleOf(managedPool),
  hint: (key) =>
    key in describedPool.shape
      ? {
          problem: "a key for pools of an existing cluster; this cluster's pools are made by us",
          fix: "remove it: the nodes get their labels and taints from us",
        }
      : undefined,
});
describedPool.register(rules, {
  ...ruleOf(describedPool),
  hint: (key) =>
    key in managedPool.shape
      ? {
          problem: "a key for pools that we make; those of an existing cluster are described",
          fix:
            key === "network"
              ? "remove it, and describe the network that the nodes have under interconnect"
              : "remove it, and say what the nodes have: gpu, gpusPerNode, select, taints, nodes",
        }
      : undefined,
});
