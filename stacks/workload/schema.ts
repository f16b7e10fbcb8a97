import { z } from "zod";
import { groupBounds, portBounds, userBounds } from "../../components/workload/bounds";
import { gpuBounds } from "../../components/workload/placement-problems";
import { sourceRange } from "../../values/address";
import { count, cpuQuantity, memoryQuantity } from "../../values/amounts";
import { image } from "../../values/image";
import { mount, mountPath } from "../../values/mount";
import { accountName, priorityClassName } from "../../values/names";
import { annotationKey, ownLabelKey, ownLabelValue } from "../../values/names";
import { name, secretKey } from "../../values/names";
import { ruleOf, rules, type Explanation } from "../../values/rule";
import { listOf } from "../../values/text";
import { hintsForInitContainers, hintsForSidecars } from "../unknown-keys";
import { isMap, valueAt } from "../lookup";
import { build } from "../image/schema";
import { podSecurityLevels } from "../namespace/schema";
import { health } from "./health";
import { podPatch } from "./patch";
import { program } from "./program";

/** Number of a user that a container runs as. */
export const user = count(...userBounds, (found) =>
  found === 0 || found === "root"
    ? {
        problem: "root, which the Pod Security Standard restricted refuses",
        fix: "write the number of another user, or podSecurity: baseline on the entry and no user for an image that has to be root",
      }
    : typeof found === "string"
      ? {
          problem: "a name, which Kubernetes does not look up in the image",
          fix: "write the user's number: `docker run --rm --entrypoint id IMAGE` prints it as uid",
        }
      : undefined,
);

const group = count(...groupBounds, (found) =>
  typeof found === "string" && !/^\d+$/.test(found)
    ? {
        problem: "a name, which Kubernetes does not look up in the image",
        fix: "write the group's number: `docker run --rm --entrypoint id IMAGE` prints it as gid",
      }
    : undefined,
)
  .optional()
  .describe(
    "Number of the group that it runs as, `0` for an image that any user of the group root can run; only with `user`; default: the number of `user`.",
  );

/** A container beside the main one. */
const sidecar = z.strictObject({
  image: image.describe("Image of the container, with a tag or digest."),
  ...program,
  cpu: cpuQuantity.optional().describe("CPU it is promised; default: `50m`."),
  cpuLimit: cpuQuantity
    .optional()
    .describe("The most CPU it uses; default: `cpuLimit` of the entry, if there is one."),
  memory: memoryQuantity
    .optional()
    .describe("Memory it is promised and limited to; default: `64Mi` promised, no limit."),
  user: user
    .optional()
    .describe(
      "Number of the user that it runs as, for an image whose own is root; default: the image's.",
    ),
  group,
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

/** A container that runs to its end before the others start. */
const initContainer = z.strictObject({
  name: name("fetch").describe("Name of the container."),
  image: image.describe("Image of the container, with a tag or digest."),
  ...program,
  cpu: cpuQuantity.optional().describe("CPU it is promised; default: `500m`."),
  cpuLimit: cpuQuantity
    .optional()
    .describe("The most CPU it uses; default: `cpuLimit` of the entry, if there is one."),
  memory: memoryQuantity
    .optional()
    .describe("Memory it is promised and limited to; default: `1Gi` promised, no limit."),
  user: user.optional().describe("Number of the user that it runs as; default: the image's."),
  group,
});

initContainer.register(rules, {
  ...ruleOf(initContainer),
  hint: hintsForInitContainers(Object.keys(initContainer.shape)),
});

/** Annotations of objects; `of` says which. */
function annotationsOf(of: string) {
  return z
    .record(annotationKey, z.string())
    .register(rules, {
      allowed: "a map of names to texts",
      example: "{ example.com/owner: search }",
    })
    .optional()
    .describe(`Annotations of ${of}.`);
}

/** Annotations that every entry can have, by the objects that get them. */
export const annotations = {
  pods: annotationsOf("each pod"),
  serviceAccount: annotationsOf(
    "the service account, such as the role of a cloud that its pods get",
  ),
};

/** Identities of a cloud, which service accounts name (docs/facts.md 14.3). */
const identities = [
  "iam.gke.io/gcp-service-account",
  "eks.amazonaws.com/role-arn",
  "azure.workload.identity/client-id",
];

/** Explains annotations that stand where the kinds of objects do. */
export function annotationHint(key: string, found: unknown): Explanation | undefined {
  const value = valueAt(found, [key]);
  if (isMap(value) || !/[./]/.test(key)) return undefined;
  const of = identities.includes(key) ? "serviceAccount" : "pods";
  return {
    problem: "an annotation without the object that gets it",
    fix: `write annotations: { ${of}: { ${JSON.stringify(key)}: ${JSON.stringify(String(value))} } }`,
  };
}

/** Annotations of the Service, besides those that its exposure needs. */
export const serviceAnnotations = annotationsOf("the Service");

const accountRule = {
  allowed: "the name of a service account, or { name: NAME, token: true }",
  example: "trainer",
};

/** A service account that is there, with its token or without. */
const serviceAccount = z
  .union([accountName, z.strictObject({ name: accountName, token: z.boolean().optional() })])
  .register(rules, accountRule)
  .transform((found) => (typeof found === "string" ? { name: found } : found))
  .register(rules, accountRule);

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
      "Image of the container, with a tag or digest; only the stack `dev` may leave it out or use `:latest`. Needed unless `build` or, of a service, `model` is there.",
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
  initContainers: listOf(
    initContainer,
    "containers",
    '[{ name: fetch, image: "registry.example/fetch:v1" }]',
  )
    .optional()
    .describe(
      "Containers that run to their end, one after the other, before the sidecars and the main container start. They share its mounts.",
    ),
  mounts: z
    .record(mountPath, mount)
    .register(rules, {
      allowed: "a map of paths to volumes",
      example: "{ /models: models }",
    })
    .prefault({})
    .describe(
      "What its containers see, by path: a volume of the stack file or a folder of one (`models/digits`), read-only unless `{ volume: models, write: true }`, or a Secret or ConfigMap that is in the namespace; volumes of kind `memory` and `nodeCache` are always written.",
    ),
  cpu: cpuQuantity
    .optional()
    .describe("CPU of one pod, in cores (`2`, `0.5`) or thousandths (`500m`); default: `500m`."),
  cpuLimit: cpuQuantity
    .optional()
    .describe(
      "The most CPU its container uses, for a namespace whose quota asks for limits; default: none, what is idle on the node is used.",
    ),
  memory: memoryQuantity
    .optional()
    .describe("Memory of one pod, such as `8Gi`; default: `1Gi` promised, no limit."),
  gpus: count(...gpuBounds)
    .default(0)
    .describe("GPUs of one pod."),
  pool: name("pool")
    .optional()
    .describe("Pool the pods run on; default with GPUs: the one pool whose nodes have enough."),
  labels: z
    .record(ownLabelKey, ownLabelValue)
    .register(rules, { allowed: "a map of names to texts", example: "{ team: search }" })
    .optional()
    .describe("Labels of all its objects, pods included, besides those that we write."),
  serviceAccount: serviceAccount
    .optional()
    .describe(
      "Service account of the namespace that its pods run as, with `{ name: NAME, token: true }` also with its token for the cluster's API; default: one of its own, without a token.",
    ),
  priorityClass: priorityClassName
    .optional()
    .describe("PriorityClass of the cluster that its pods have; default: the cluster's."),
  user: user
    .optional()
    .describe(
      "Number of the user that its container runs as, for an image that names its user or runs as root without a need to; default: the image's.",
    ),
  group,
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
  podPatch: podPatch
    .optional()
    .describe(
      "More of the spec of its pods, as Kubernetes has it, where no other key says it: merged last, lists by their keys. What would undo other keys, or what requests and other pods rely on, is refused.",
    ),
  container: name("server")
    .optional()
    .describe(
      "Name of the container in its pods, for logs and dashboards; default: the entry's name.",
    ),
};
