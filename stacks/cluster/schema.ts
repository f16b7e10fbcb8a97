import { z } from "zod";
import { aksCluster, eksCluster, gkeCluster } from "./managed-schema";
import { count, time } from "../values/amounts";
import { gpuName } from "../values/cloud";
import { nodeRange } from "../values/node-range";
import { labelKey, labelValue, stackName } from "../values/names";
import { rules } from "../values/rule";
import { taint } from "../values/taint";
import { registry } from "../values/image";
import { text } from "../values/text";

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
  readyTime: time(0, 1800, "4m")
    .optional()
    .describe(
      "How long it may take until it sends requests to a new pod, where pods wait for that (readiness gates); default: `0s`.",
    ),
  drainTime: time(0, 1800, "2m")
    .optional()
    .describe(
      "How long new connections may still reach a pod that was taken out; on EKS `2m`, default: `0s`.",
    ),
});

/** Keys of clusters that we make. */
const ofManaged = [
  "region",
  "zones",
  "version",
  "channel",
  "access",
  "deletionProtection",
  "mode",
  "admins",
  "viewers",
  "groupsDomain",
];

/** A cluster that is there already. */
const existingCluster = z
  .strictObject({
    kind: z
      .literal("existing")
      .register(rules, { allowed: "existing", example: "existing" })
      .describe(
        "`existing`: a cluster that is there already, found in a kubeconfig or in another stack.",
      ),
    stack: stackName
      .optional()
      .describe(
        "Stack of this program that made the cluster, `organization/project/stack`; its pools come with it.",
      ),
    context: text.optional().describe("Context of the kubeconfig; default: its current context."),
    kubeconfig: text
      .optional()
      .describe(
        "Path of the kubeconfig, from the project's folder; default: `KUBECONFIG`, else `~/.kube/config`.",
      ),
    identity: text
      .optional()
      .describe(
        "What the cluster is known by for as long as it is the same one, whatever its address or its kubeconfig says; default: the cluster's name in the kubeconfig. Another identity means another cluster, and is refused.",
      ),
    devicePlugin: z
      .boolean()
      .register(rules, { allowed: "true or false" })
      .optional()
      .describe(
        "Whether NVIDIA's device plugin is put on the pools' nodes, which need their driver; for clusters whose GPU nodes offer no `nvidia.com/gpu`. Default: false.",
      ),
    registry: registry
      .optional()
      .describe(
        "Registry that images of `build` are pushed to and the nodes may pull from, such as `registry.example/team`; `local`: `npm start` puts them on the nodes of this machine's cluster. Default: `build` is refused.",
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
  })
  .superRefine((given, context) => {
    if (given.stack === undefined) return;
    const others = [
      ...(given.context === undefined ? [] : ["context"]),
      ...(given.kubeconfig === undefined ? [] : ["kubeconfig"]),
      ...(given.identity === undefined ? [] : ["identity"]),
      ...(given.devicePlugin === undefined ? [] : ["devicePlugin"]),
      ...(Object.keys(given.loadBalancer).length === 0 ? [] : ["loadBalancer"]),
    ];
    for (const key of others) {
      context.addIssue({
        code: "custom",
        path: [key],
        params: {
          problem: `never together with stack: its ${key} comes from the other stack`,
          allowed: "nothing beside stack",
          fix: `remove ${key}, or remove stack and describe the cluster here`,
        },
      });
    }
  })
  .register(rules, {
    allowed: "a map with at least the key kind",
    hint: (key) =>
      ofManaged.includes(key)
        ? {
            problem: "a key of kinds gke, eks and aks, not of kind existing",
            fix: "remove it: whoever made the cluster has decided that",
          }
        : undefined,
  });

/** The cluster that everything runs on. */
export const cluster = z
  .discriminatedUnion("kind", [existingCluster, gkeCluster, eksCluster, aksCluster])
  .register(rules, {
    allowed: "a map with at least the key kind",
    example: "{ kind: existing }",
    missing: "add it below config:, for example cluster: { kind: existing }",
  })
  .describe("The cluster that everything runs on.");

/** Keys of pools that we make. */
const ofManagedPools = ["machine", "zones", "disk", "capacity", "sharing", "network"];

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
    hint: (key) =>
      ofManagedPools.includes(key)
        ? {
            problem: "a key for pools that we make; those of an existing cluster are described",
            fix:
              key === "network"
                ? "remove it, and describe the network that the nodes have under interconnect"
                : "remove it, and say what the nodes have: gpu, gpusPerNode, select, taints, nodes",
          }
        : undefined,
  });

/** Whether the value is a map without a key. */
export function isEmptyMap(found: unknown): boolean {
  return (
    typeof found === "object" &&
    found !== null &&
    !Array.isArray(found) &&
    Object.keys(found).length === 0
  );
}
