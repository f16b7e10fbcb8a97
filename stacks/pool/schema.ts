import { z } from "zod";
import { count } from "../values/amounts";
import { capacityType, diskSize, gpuName, migProfile } from "../values/cloud";
import { nodeRange } from "../values/node-range";
import { rules } from "../values/rule";
import { text } from "../values/text";

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

const labelling = ["select", "taints"];

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
    hint: (key) =>
      labelling.includes(key)
        ? {
            problem: "a key for pools of an existing cluster; this cluster's pools are made by us",
            fix: "remove it: the nodes get their labels and taints from us",
          }
        : undefined,
  });
