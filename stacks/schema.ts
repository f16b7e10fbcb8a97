import { z } from "zod";
import { gpuMemoryGiB, type GpuName } from "../catalog/gpus";
import { rules } from "./rule";
import * as scalar from "./scalars";

const gpuNames = Object.keys(gpuMemoryGiB).filter(
  (found): found is GpuName => found in gpuMemoryGiB,
);

/** One of a few words. */
function oneOf<const Words extends readonly [string, ...string[]]>(...words: Words) {
  return z.enum(words).register(rules, { allowed: words.join(", "), example: words[0] });
}

/** How one kind of load balancer is asked for. */
const loadBalancer = z.strictObject({
  class: scalar.text
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
  context: scalar.text
    .optional()
    .describe("Context of the kubeconfig; default: its current context."),
  kubeconfig: scalar.text
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
  .register(rules, { allowed: "a map with the key kind", example: "{ kind: existing }" })
  .describe("The cluster that everything runs on.");

const greatestNodes = 5000;

/** A pool of GPU nodes, described. */
export const pool = z.strictObject({
  gpu: z
    .enum(gpuNames)
    .register(rules, { allowed: gpuNames.join(", "), example: "L4" })
    .describe("GPU of the nodes."),
  gpusPerNode: scalar.count(1, 16).default(1).describe("GPUs that one node offers."),
  select: z
    .record(scalar.labelKey, scalar.labelValue)
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
    .array(scalar.taint)
    .register(rules, { allowed: "a list of taints" })
    .default([])
    .describe("Taints of the nodes, each `key[=value]:effect`; the pool's pods tolerate them."),
  nodes: z
    .strictObject({
      min: scalar.count(0, greatestNodes).default(0).describe("Nodes that are there at any time."),
      max: scalar.count(1, greatestNodes).describe("Nodes that the pool may grow to."),
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
    .register(rules, { allowed: "a map with the keys min, max", example: "{ max: 2 }" })
    .describe("Size of the pool."),
});

const podSecurityLevels = oneOf("restricted", "baseline");

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

const variable = z
  .union([z.string(), z.strictObject({ secret: scalar.secretKey })])
  .register(rules, {
    allowed: "text, or { secret: key } for the config key of a secret",
    explain: (found) => {
      if (typeof found === "number" || typeof found === "boolean") {
        return { what: "wrong type", remedy: `quote it: "${found}"` };
      }
      return typeof found === "object" && found !== null
        ? { what: "wrong type", remedy: "write { secret: key } with nothing else in it" }
        : undefined;
    },
  })
  .describe("Text, or `{ secret: key }` for the config key of a secret.");

/** Who may reach a service, and how. */
const exposure = z.strictObject({
  scope: oneOf("cluster", "internal", "public")
    .default("cluster")
    .describe(
      "Who reaches the service: pods of the cluster, the cluster's own networks (private load balancer), or the internet.",
    ),
  allow: z
    .array(scalar.sourceRange)
    .register(rules, { allowed: "a list of ranges", example: "[203.0.113.0/24]" })
    .default([])
    .describe("Ranges that may connect to the load balancer; needed with `scope: public`."),
});

/** A model server. */
export const service = z.strictObject({
  image: scalar.image.describe(
    "Image of the server, with a tag or digest; only the stack `dev` may leave it out or use `:latest`.",
  ),
  port: scalar.count(1, 65535).default(8000).describe("Port the server listens on."),
  command: z
    .array(z.string())
    .register(rules, { allowed: "a list of text", example: "[python, serve.py]" })
    .optional()
    .describe("Command, in place of the image's entry point."),
  args: z
    .array(z.string())
    .register(rules, { allowed: "a list of text" })
    .optional()
    .describe("Arguments of the command, in place of the image's."),
  env: z
    .record(scalar.variableName, variable)
    .register(rules, { allowed: "a map of names to text or { secret: key }" })
    .default({})
    .describe("Environment variables: text, or `{ secret: key }` for the config key of a secret."),
  cpu: scalar.cpuQuantity
    .optional()
    .describe("CPU of one replica, in cores (`2`, `0.5`) or thousandths (`500m`)."),
  memory: scalar.memoryQuantity.optional().describe("Memory of one replica, such as `8Gi`."),
  gpus: scalar.count(0, 16).default(0).describe("GPUs of one replica."),
  pool: scalar
    .name("pool")
    .optional()
    .describe("Pool the replicas run on; default with GPUs: the one pool whose nodes have enough."),
  replicas: scalar
    .count(1, 5000, (found) =>
      found === 0
        ? {
            what: "out of range",
            remedy: "remove the entry, or its expose section, to stop serving",
          }
        : undefined,
    )
    .default(1)
    .describe("Identical servers behind one address."),
  health: scalar.urlPath
    .optional()
    .describe(
      "Path that answers 200 once the server can serve; default: the port accepts connections.",
    ),
  startup: scalar
    .time(10, 12 * 3600, "10m")
    .default(600)
    .describe("Time a new replica has to answer, image pull included, from 10s to 12h."),
  drain: scalar
    .time(0, 3600, "30s")
    .default(30)
    .describe("Time requests in flight get to finish when a replica stops, from 0s to 1h."),
  pullSecrets: z
    .array(scalar.secretKey)
    .register(rules, { allowed: "a list of config keys", example: "[registryLogin]" })
    .default([])
    .describe("Secret config keys, each holding a Docker config JSON for pulling the image."),
  expose: exposure
    .prefault({})
    .describe("Who may reach the service; default: pods of its own namespace."),
  podSecurity: podSecurityLevels
    .default("restricted")
    .describe("Pod Security Standard the pods pass; `baseline` for an image that runs as root."),
  container: scalar
    .name("server")
    .optional()
    .describe(
      "Name of the container in its pods, for logs and dashboards; default: the entry's name.",
    ),
});

const includes = z
  .array(scalar.text)
  .register(rules, { allowed: "a list of paths", example: "[teams/chat.yaml]" })
  .default([])
  .describe("Files with more services, paths from the project's folder.");

const services = z
  .record(scalar.name("model"), service)
  .register(rules, { allowed: "a map of names to services" })
  .default({})
  .describe("Services of this file, by name.");

const ownNamespace = scalar.text
  .optional()
  .describe("Namespace of this file's services; may be left out where only one is declared.");

/** All keys of a stack file but its secrets. */
export const stackFile = z.strictObject({
  cluster,
  pools: z
    .record(scalar.name("pool"), pool)
    .register(rules, { allowed: "a map of names to pools" })
    .default({})
    .describe("GPU pools of the cluster, by name."),
  namespaces: z
    .record(scalar.namespaceName, namespace)
    .refine((declared) => Object.keys(declared).length > 0)
    .register(rules, {
      allowed: "a map of at least one name to a namespace",
      explain: (found) =>
        isEmptyMap(found)
          ? {
              what: "no namespace",
              remedy: "declare one, or remove the key for the namespace models",
            }
          : undefined,
    })
    .prefault({ models: {} })
    .describe("Namespaces that services go to, by name; default: the one namespace `models`."),
  namespace: ownNamespace,
  include: includes,
  services,
});

/** All keys of a file that a stack file includes. */
export const includedFile = z.strictObject({ namespace: ownNamespace, services });

function isEmptyMap(found: unknown): boolean {
  return (
    typeof found === "object" &&
    found !== null &&
    !Array.isArray(found) &&
    Object.keys(found).length === 0
  );
}

/** The cluster of a stack, defaults applied. */
export type ClusterConfig = z.output<typeof cluster>;

/** A pool of a stack, defaults applied. */
export type PoolConfig = z.output<typeof pool>;

/** A namespace of a stack, defaults applied. */
export type NamespaceConfig = z.output<typeof namespace>;

/** A service as a file has it, defaults applied. */
export type ServiceEntry = z.output<typeof service>;
