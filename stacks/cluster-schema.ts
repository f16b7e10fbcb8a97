import { z } from "zod";
import { gpuMemoryGiB, type GpuName } from "../catalog/gpus";
import { count } from "./values/amounts";
import { labelKey, labelValue } from "./values/names";
import { rules } from "./values/rule";
import { taint } from "./values/taint";
import { oneOf, text } from "./values/text";

const gpuNames = Object.keys(gpuMemoryGiB).filter(
  (found): found is GpuName => found in gpuMemoryGiB,
);

/** How one kind of load balancer is asked for. */
const loadBalancer = z.strictObject({
  class: text
    .optional()
    .describe("`spec.loadBalancerClass` of the Service; default: the cluster's own controller."),
  annotations: z
    .record(z.string(), z.string())
    .register(rules, { allowed: "a map of annotations to text" })
    .default({})
    .describe("Annotations of the Service."),
});

/** A cluster that is there already. */
const existingCluster = z.strictObject({
  kind: z
    .literal("existing")
    .register(rules, { allowed: "existing", example: "existing" })
    .describe("`existing`: a cluster that is there already, found in a kubeconfig."),
  context: text.optional().describe("Context of the kubeconfig; default: its current context."),
  kubeconfig: text
    .optional()
    .describe(
      "Path of the kubeconfig, from the project's folder; default: `KUBECONFIG`, else `~/.kube/config`.",
    ),
  loadBalancer: z
    .strictObject({
      public: loadBalancer
        .optional()
        .describe(
          "Load balancer that the internet reaches; default: a plain LoadBalancer Service.",
        ),
      internal: loadBalancer
        .optional()
        .describe(
          "Load balancer that only the cluster's own networks reach; without it `scope: internal` is refused.",
        ),
    })
    .prefault({})
    .describe("How this cluster makes a load balancer for each scope."),
});

/** The cluster that everything runs on. */
export const cluster = z
  .discriminatedUnion("kind", [existingCluster])
  .register(rules, {
    allowed: "a map with at least the key kind",
    example: "{ kind: existing }",
    missing: "add it below config:, for example cluster: { kind: existing }",
  })
  .describe("The cluster that everything runs on.");

const greatestNodes = 5000;

/** A pool of GPU nodes, described. */
export const pool = z.strictObject({
  gpu: z
    .enum(gpuNames)
    .register(rules, { allowed: gpuNames.join(", "), example: "L4" })
    .describe("GPU of the nodes."),
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
              what: "no label",
              remedy: "name a label that all nodes of the pool carry and no others",
            }
          : undefined,
    })
    .describe("Labels that all nodes of the pool carry, and no others."),
  taints: z
    .array(taint)
    .register(rules, { allowed: "a list of taints" })
    .default([])
    .describe("Taints of the nodes, each `key[=value]:effect`; the pool's pods tolerate them."),
  nodes: z
    .strictObject({
      min: count(0, greatestNodes).default(0).describe("Nodes that are there at any time."),
      max: count(1, greatestNodes).describe("Nodes that the pool may grow to."),
    })
    .superRefine(({ min, max }, context) => {
      if (min <= max) return;
      context.addIssue({
        code: "custom",
        path: ["min"],
        params: {
          what: "greater than max",
          allowed: `a whole number from 0 to ${max}, the pool's max`,
          remedy: `lower min to ${max}, or raise max to ${min}`,
        },
      });
    })
    .register(rules, { allowed: "a map with at least the key max", example: "{ max: 2 }" })
    .describe("Size of the pool."),
});

/** Pod Security Standards that a model server can pass. */
export const podSecurityLevels = oneOf("restricted", "baseline");

/** A namespace that entries go to. */
export const namespace = z.strictObject({
  podSecurity: podSecurityLevels
    .default("restricted")
    .describe("Pod Security Standard that the namespace enforces."),
  create: z
    .boolean()
    .register(rules, { allowed: "true or false" })
    .default(true)
    .describe("Whether the namespace is made; `false` takes one that is there and leaves it."),
});

export /** Whether the value is a map without a key. */
function isEmptyMap(found: unknown): boolean {
  return (
    typeof found === "object" &&
    found !== null &&
    !Array.isArray(found) &&
    Object.keys(found).length === 0
  );
}
