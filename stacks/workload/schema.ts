import { z } from "zod";
import { gpuBounds } from "../../components/workload/placement-problems";
import { podSecurityLevels } from "../namespace/schema";
import { sourceRange } from "../../values/address";
import { program } from "./program-schema";
import { sidecar } from "./sidecar-schema";
import { count, cpuQuantity, memoryQuantity } from "../../values/amounts";
import { build } from "../image/schema";
import { image } from "../../values/image";
import { mount, mountPath } from "../../values/mount";
import { name, secretKey } from "../../values/names";
import { rules } from "../../values/rule";

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
      "Containers that run beside the main one, by name, in the order in which they start: before it, and until after its end. They share its network and its mounts.",
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
  pullSecrets: z
    .array(secretKey)
    .register(rules, { allowed: "a list of config keys", example: "[registryLogin]" })
    .default([])
    .describe("Secret config keys, each holding a Docker config JSON for pulling the image."),
  podSecurity: podSecurityLevels
    .default("restricted")
    .describe("Pod Security Standard the pods pass; `baseline` for an image that runs as root."),
  egress: z
    .array(sourceRange)
    .register(rules, { allowed: "a list of ranges", example: '["0.0.0.0/0"]' })
    .optional()
    .describe(
      'Ranges outside the cluster that its pods connect to, such as `"0.0.0.0/0"` for the internet; default: none, in a namespace that we make.',
    ),
  after: z
    .array(name("job"))
    .register(rules, { allowed: "a list of jobs", example: "[train]" })
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
