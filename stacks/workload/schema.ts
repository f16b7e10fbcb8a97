import { z } from "zod";
import { portBounds } from "../../components/workload/bounds";
import { gpuBounds } from "../../components/workload/placement-problems";
import { sourceRange } from "../../values/address";
import { count, cpuQuantity, memoryQuantity } from "../../values/amounts";
import { image } from "../../values/image";
import { mount, mountPath } from "../../values/mount";
import { name, secretKey, variableName } from "../../values/names";
import { ruleOf, rules } from "../../values/rule";
import { listOf } from "../../values/text";
import { asCommand, wordsOf } from "../../values/command-line";
import { hintsForSidecars } from "../unknown-keys";
import { variables } from "../words-of-others";
import { build } from "../image/schema";
import { podSecurityLevels } from "../namespace/schema";
import { health } from "./health";

const variable = z
  .union([z.string(), z.strictObject({ secret: secretKey })])
  .register(rules, {
    allowed: "text, or { secret: key } for the config key of a secret",
    example: '""',
    explain: (found, written = String(found)) => {
      if (typeof found === "number" || typeof found === "boolean") {
        return { problem: "wrong type", fix: `quote it: "${written}"` };
      }
      if (typeof found !== "object" || found === null) return undefined;
      if (!("secure" in found)) {
        return { problem: "wrong type", fix: "write { secret: key } with nothing else in it" };
      }
      return {
        problem: "encrypted where only text can be",
        fix: "store it in the stack file with pulumi config set --secret <key>, and write { secret: <key> }",
      };
    },
  })
  .describe("Text, or `{ secret: key }` for the config key of a secret.");

/** The words of a command line. */
function words(example: string, runs: "command" | "args") {
  return z.array(z.string()).register(rules, {
    allowed: "a list of text, one for each word",
    example,
    explain: (found) => {
      if (typeof found !== "string") return undefined;
      // What needs a shell is a command of its own; arguments go to the image's program as they are.
      const fix =
        runs === "command" || wordsOf(found)
          ? `write a list: ${asCommand(found)}`
          : `write a list, one item for each word; what a shell should do with it belongs into command: [sh, -c, "<program> ..."]`;
      return { problem: "wrong type", fix };
    },
  });
}

/** What a container runs, in place of what its image says. */
const program = {
  command: words("[python, serve.py]", "command")
    .optional()
    .describe(
      "Command, in place of the image's entry point; Kubernetes puts in the variable for `$(NAME)`, and makes `$` of `$$`.",
    ),
  args: words('[--port, "8000"]', "args")
    .optional()
    .describe(
      "Arguments of the command, in place of the image's; `$(NAME)` and `$$` as in `command`.",
    ),
  env: z
    .record(variableName, variable)
    .register(rules, {
      allowed: "a map of names to text or { secret: key }",
      explain: (found) => {
        const written = Array.isArray(found) ? variables(found) : undefined;
        return written === undefined
          ? undefined
          : { problem: "wrong type", fix: `write a map: ${written}` };
      },
    })
    .default({})
    .describe(
      "Environment variables: text, or `{ secret: key }` for the config key of a secret; in text `$(NAME)` is a variable before it, and `$$` is `$`.",
    ),
};

/** A container beside the main one. */
const sidecar = z.strictObject({
  image: image.describe("Image of the container, with a tag or digest."),
  ...program,
  cpu: cpuQuantity.optional().describe("CPU it is promised; default: `50m`."),
  memory: memoryQuantity
    .optional()
    .describe("Memory it is promised and limited to; default: `64Mi` promised, no limit."),
  user: count(1, 65535)
    .optional()
    .describe(
      "Number of the user that it runs as, for an image whose own is root; default: the image's.",
    ),
  port: count(...portBounds)
    .optional()
    .describe("Port it listens on, another one than the server's; default: none."),
  health: health
    .optional()
    .describe(
      "How it is asked whether it works: a path on its port that answers 200, or a map as in `health` of a service; what starts after it waits for that.",
    ),
  after: listOf(name("cache"), "sidecars", "[cache]")
    .optional()
    .describe(
      "Sidecars that start before it; with several sidecars, all but the first need it; default: none.",
    ),
});

sidecar.register(rules, {
  ...ruleOf(sidecar),
  hint: hintsForSidecars(Object.keys(sidecar.shape)),
});

/** What a service or a job is: neither of the two keys is needed by itself. */
export const imageOrBuild = {
  allowed: "a map with at least the key image or build",
  example: "{ image: registry.example/team/model:v1 }",
};

/** What every pod has, a server's and a job's. */
export const workload = {
  image: image
    .optional()
    .describe(
      "Image of the container, with a tag or digest; only the stack `dev` may leave it out or use `:latest`. Needed unless `build` is there.",
    ),
  build: build
    .optional()
    .describe(
      "Folder with a Dockerfile, in place of `image`: the image is built, pushed to the cluster's registry and run by its digest.",
    ),
  ...program,
  sidecars: z
    .record(name("proxy"), sidecar)
    .register(rules, { allowed: "a map of names to containers" })
    .default({})
    .describe(
      "Containers that run beside the main one, by name: they start before it, in the order that their `after` says, and stop after it. They share its network and its mounts.",
    ),
  mounts: z
    .record(mountPath, mount)
    .register(rules, {
      allowed: "a map of paths to volumes",
      example: "{ /models: models }",
    })
    .prefault({})
    .describe(
      "What its containers see, by path: a volume of the stack file or a folder of one (`models/digits`), read-only unless `{ volume: models, write: true }`; volumes of kind `memory` and `nodeCache` are always written.",
    ),
  cpu: cpuQuantity
    .optional()
    .describe("CPU of one pod, in cores (`2`, `0.5`) or thousandths (`500m`)."),
  memory: memoryQuantity.optional().describe("Memory of one pod, such as `8Gi`."),
  gpus: count(...gpuBounds)
    .default(0)
    .describe("GPUs of one pod."),
  pool: name("pool")
    .optional()
    .describe("Pool the pods run on; default with GPUs: the one pool whose nodes have enough."),
  pullSecrets: listOf(secretKey, "config keys", "[registryLogin]")
    .default([])
    .describe("Secret config keys, each holding a Docker config JSON for pulling the image."),
  podSecurity: podSecurityLevels
    .default("restricted")
    .describe("Pod Security Standard the pods pass; `baseline` for an image that runs as root."),
  egress: listOf(sourceRange, "ranges", '["0.0.0.0/0"]')
    .optional()
    .describe(
      'Ranges outside the cluster that its pods connect to, such as `"0.0.0.0/0"` for the internet; default: none, in a namespace that we make.',
    ),
  after: listOf(name("job"), "jobs", "[train]")
    .default([])
    .describe(
      "Jobs that end well before it is made or changed: those that run once, and the first runs of those with `runFirst`; behind a first run that writes what it mounts it comes anyway.",
    ),
  container: name("server")
    .optional()
    .describe(
      "Name of the container in its pods, for logs and dashboards; default: the entry's name.",
    ),
};
