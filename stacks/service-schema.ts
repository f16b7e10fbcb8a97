import { z } from "zod";
import { podSecurityLevels } from "./cluster-schema";
import { sourceRange, urlPath } from "./values/address";
import { count, cpuQuantity, memoryQuantity, time } from "./values/amounts";
import { image } from "./values/image";
import { name, secretKey, variableName } from "./values/names";
import { rules } from "./values/rule";
import { oneOf } from "./values/text";

const variable = z
  .union([z.string(), z.strictObject({ secret: secretKey })])
  .register(rules, {
    allowed: "text, or { secret: key } for the config key of a secret",
    example: '""',
    explain: (found) => {
      if (typeof found === "number" || typeof found === "boolean") {
        return { what: "wrong type", remedy: `quote it: "${found}"` };
      }
      if (typeof found === "object" && found !== null && "secure" in found) {
        return {
          what: "encrypted where only text can be",
          remedy:
            "store it in the stack file with pulumi config set --secret <key>, and write { secret: <key> }",
        };
      }
      return typeof found === "object" && found !== null
        ? { what: "wrong type", remedy: "write { secret: key } with nothing else in it" }
        : undefined;
    },
  })
  .describe("Text, or `{ secret: key }` for the config key of a secret.");

/** The words of a command line. */
function words(example: string) {
  return z.array(z.string()).register(rules, {
    allowed: "a list of text, one for each word",
    example,
    explain: (found) =>
      typeof found === "string"
        ? {
            what: "wrong type",
            remedy: `write a list: [${found
              .trim()
              .split(/\s+/)
              .map((word) => JSON.stringify(word))
              .join(", ")}]`,
          }
        : undefined,
  });
}

/** Who may reach a service, and how. */
const exposure = z.strictObject({
  scope: oneOf("cluster", "internal", "public")
    .default("cluster")
    .describe(
      "Who reaches the service: pods of the cluster, the cluster's own networks (private load balancer), or the internet.",
    ),
  allow: z
    .array(sourceRange)
    .register(rules, { allowed: "a list of ranges", example: "[203.0.113.0/24]" })
    .default([])
    .describe("Ranges that may connect to the load balancer; needed with `scope: public`."),
});

/** A model server. */
export const service = z.strictObject({
  image: image.describe(
    "Image of the server, with a tag or digest; only the stack `dev` may leave it out or use `:latest`.",
  ),
  port: count(1, 65535).default(8000).describe("Port the server listens on."),
  command: words("[python, serve.py]")
    .optional()
    .describe("Command, in place of the image's entry point."),
  args: words('[--port, "8000"]')
    .optional()
    .describe("Arguments of the command, in place of the image's."),
  env: z
    .record(variableName, variable)
    .register(rules, { allowed: "a map of names to text or { secret: key }" })
    .default({})
    .describe("Environment variables: text, or `{ secret: key }` for the config key of a secret."),
  cpu: cpuQuantity
    .optional()
    .describe("CPU of one replica, in cores (`2`, `0.5`) or thousandths (`500m`)."),
  memory: memoryQuantity.optional().describe("Memory of one replica, such as `8Gi`."),
  gpus: count(0, 16).default(0).describe("GPUs of one replica."),
  pool: name("pool")
    .optional()
    .describe("Pool the replicas run on; default with GPUs: the one pool whose nodes have enough."),
  replicas: count(1, 5000, (found) =>
    found === 0
      ? {
          what: "out of range",
          remedy: "remove the entry, or its expose section, to stop serving",
        }
      : undefined,
  )
    .default(1)
    .describe("Identical servers behind one address."),
  health: urlPath
    .optional()
    .describe(
      "Path that answers 200 once the server can serve; default: the port accepts connections.",
    ),
  startup: time(10, 12 * 3600, "10m")
    .prefault("10m")
    .describe("Time a new replica has to answer, image pull included, from 10s to 12h."),
  drain: time(0, 3600, "30s")
    .prefault("30s")
    .describe("Time requests in flight get to finish when a replica stops, from 0s to 1h."),
  pullSecrets: z
    .array(secretKey)
    .register(rules, { allowed: "a list of config keys", example: "[registryLogin]" })
    .default([])
    .describe("Secret config keys, each holding a Docker config JSON for pulling the image."),
  expose: exposure
    .prefault({})
    .describe("Who may reach the service; default: pods of its own namespace."),
  podSecurity: podSecurityLevels
    .default("restricted")
    .describe("Pod Security Standard the pods pass; `baseline` for an image that runs as root."),
  container: name("server")
    .optional()
    .describe(
      "Name of the container in its pods, for logs and dashboards; default: the entry's name.",
    ),
});
