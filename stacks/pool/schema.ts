import { z } from "zod";
import { gpuBounds } from "../../components/workload/placement-problems";
import { count, cpuQuantity, memoryQuantity } from "../../values/amounts";
import { anyGpuName } from "../../values/cloud";
import { nodeRange } from "../../values/node-range";
import { rules } from "../../values/rule";
import { labelKey, labelValue, resourceName, runtimeClassName } from "../../values/names";
import { taint } from "../../values/taint";
import { isEmptyMap, oneOf } from "../../values/text";

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

const offers = z
  .strictObject({
    cpu: cpuQuantity.describe("CPU that pods find on one node, in cores (`8`) or thousandths."),
    memory: memoryQuantity.describe("Memory that pods find on one node, such as `28Gi`."),
  })
  .register(rules, {
    allowed: "a map with the keys cpu, memory",
    example: "{ cpu: 7910m, memory: 28Gi }",
  });

/** A pool of nodes that somebody else keeps, described. */
export const describedPool = z
  .strictObject({
    gpu: anyGpuName
      .optional()
      .describe("GPU of the nodes; nodes with neither `gpu` nor `resource` have none."),
    resource: resourceName
      .optional()
      .describe(
        "Resource that the nodes offer their GPUs as, such as `amd.com/gpu` or `nvidia.com/mig-1g.10gb`; default: `nvidia.com/gpu`.",
      ),
    gpuMemory: memoryQuantity
      .optional()
      .describe(
        "Memory of one GPU, such as `192Gi`; default: what the catalog says of `gpu`, or the name of a MIG profile.",
      ),
    gpusPerNode: count(1, 1000)
      .optional()
      .describe(
        "GPUs that one node offers, as `kubectl describe node` counts them: shares and slices too; default: 1.",
      ),
    gpusPerPod: count(1, gpuBounds[1])
      .optional()
      .describe(
        "The most of them that one pod may take: `1` where pods share GPUs; default: all of a node, one slice of MIG.",
      ),
    sharesPerGpu: count(2, 1000)
      .optional()
      .describe(
        "Shares of one GPU where pods take turns on it (time-slicing), of which `gpusPerNode` counts all of a node; a model takes its part of the memory. Default: not known, and pools whose GPUs are shared take no models.",
      ),
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
      .describe(
        "Taints of the nodes, each `key[=value]:effect`; the pool's pods tolerate them, and by themselves a taint with the name of `resource`.",
      ),
    spot: z
      .boolean()
      .register(rules, { allowed: "true or false" })
      .optional()
      .describe(
        "Whether the nodes are spot capacity; its pods tolerate the taints that AKS and GKE know for it. Default: false.",
      ),
    arch: oneOf("amd64", "arm64")
      .optional()
      .describe(
        "CPU architecture of the nodes, which its pods select and images of `build` are built for; default: not selected, built for amd64.",
      ),
    runtimeClass: runtimeClassName
      .optional()
      .describe(
        "RuntimeClass that its pods need, such as `nvidia` on k3s; default: the nodes' own runtime.",
      ),
    offers: offers
      .optional()
      .describe(
        "What pods find on one node (`allocatable` in `kubectl describe node`), less what each node's own pods ask for; default: not known, and pods are not compared with it.",
      ),
    nodes: nodeRange,
    interconnect: interconnect
      .optional()
      .describe("Network between the nodes, for jobs on several workers."),
  })
  .register(rules, {
    allowed: "a map with at least the keys select, nodes, and gpu or resource where there are GPUs",
    example: "{ gpu: L4, select: { gpu-serving/pool: l4 }, nodes: { max: 2 } }",
    // What nodes have in CPU and memory is not what pods find there, so that it is not copied.
    hint: (key) =>
      /^(?:v?cpus?|cores|mem|memory|ram)$/i.test(key)
        ? {
            problem: "unknown key",
            fix: "write offers: { cpu: CPU, memory: MEMORY } with what pods find on one node: Allocatable in `kubectl describe node`, less what each node's own pods ask for",
          }
        : undefined,
  });
