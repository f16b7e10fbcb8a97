import { z } from "zod";
import { count, cpuQuantity, memoryQuantity } from "../../values/amounts";
import { rules } from "../../values/rule";
import { listOf, oneOf } from "../../values/text";

/** Pod Security Standards that a workload can pass. */
export const podSecurityLevels = oneOf("restricted", "baseline");

/** Groups and users of the cluster. */
const person = z
  .string()
  .regex(/^(?!user:$)\S+$/)
  .register(rules, {
    allowed: "the name of a group, or user:NAME, without spaces",
    example: "vision-ops",
  });
const people = listOf(person, "groups", "[vision-ops]").default([]);

const quota = z.strictObject({
  gpus: count(0, 100_000)
    .optional()
    .describe(
      "GPUs that all pods together ask for; where pools offer several resources, of each of them.",
    ),
  cpu: cpuQuantity.optional().describe("CPU that all pods together are promised, such as `64`."),
  memory: memoryQuantity
    .optional()
    .describe("Memory that all pods together are promised, such as `256Gi`."),
  pods: count(1, 100_000).optional().describe("Pods that have not ended."),
});

const limits = z.strictObject({
  cpu: cpuQuantity.optional().describe("CPU that such a container may use, such as `4`."),
  memory: memoryQuantity
    .optional()
    .describe("Memory that such a container may use before it is killed, such as `8Gi`."),
});

/** A namespace that entries go to. */
export const namespace = z.strictObject({
  podSecurity: podSecurityLevels
    .default("restricted")
    .describe("Pod Security Standard that the namespace enforces."),
  create: z
    .boolean()
    .default(true)
    .describe("Whether the namespace is made; `false` takes one that is there and leaves it."),
  quota: quota
    .prefault({})
    .describe(
      "What all pods of the namespace may ask for together; what is left out has no bound.",
    ),
  limits: limits
    .prefault({})
    .describe("What a container may use that does not say so itself; default: what its node has."),
  operators: people.describe(
    "Groups (or `user:NAME`) that may watch, restart, scale and enter what runs here, but read no Secrets.",
  ),
  viewers: people.describe("Groups (or `user:NAME`) that may look at everything here but Secrets."),
});
