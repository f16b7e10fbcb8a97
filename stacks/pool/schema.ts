import { z } from "zod";
import { count } from "../../values/amounts";
import { gpuName } from "../../values/cloud";
import { nodeRange } from "../../values/node-range";
import { rules } from "../../values/rule";
import { labelKey, labelValue } from "../../values/names";
import { taint } from "../../values/taint";
import { isEmptyMap } from "../../values/text";

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
