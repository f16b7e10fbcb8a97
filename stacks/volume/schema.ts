import { z } from "zod";
import { memoryQuantity } from "../../values/amounts";
import { ownPrefix } from "../../components/workload/volumes";
import { claimName, nameBesideOurs } from "../../values/names";
import type { Words } from "../words";
import { rules } from "../../values/rule";
import { oneOf, text } from "../../values/text";

/** Name of a volume, which its pods have beside volumes of our own. */
export const volumeName = nameBesideOurs("models", ownPrefix);

/** What a volume can be. */
const kinds = ["disk", "claim", "bucket", "memory", "nodeCache"] as const;
const examples = "disk: 50Gi, claim: NAME, bucket: NAME, memory: 2Gi or nodeCache: 20Gi";

/** Kinds that each of the other keys goes with. */
const kindsWith: Readonly<Record<string, readonly (typeof kinds)[number][]>> = {
  namespace: ["disk", "claim"],
  access: ["disk", "claim"],
  keep: ["disk"],
};

/** A volume that services and jobs can mount. */
export const volume = z
  .strictObject({
    disk: memoryQuantity
      .optional()
      .describe(
        "Size of a disk that we make, such as `50Gi`: pods of one node read and write it. It can grow, never shrink.",
      ),
    claim: claimName
      .optional()
      .describe("Name of a PersistentVolumeClaim that is there already; it is never changed."),
    bucket: text
      .optional()
      .describe(
        "Name of a bucket on the cluster's cloud (AKS: `group/account/container` or the container's resource id), for a cluster that we make; each pod reads or writes it with its own identity.",
      ),
    memory: memoryQuantity
      .optional()
      .describe(
        "The most that a volume in the memory of each pod may hold, which counts as memory of the pod; gone with the pod.",
      ),
    nodeCache: memoryQuantity
      .optional()
      .describe(
        "The most that a volume of each pod on the disk of its node may hold; it outlives containers that start again and is gone with the pod.",
      ),
    namespace: text
      .optional()
      .describe(
        "Namespace of a disk or claim, whose services and jobs can mount it; may be left out where only one is declared.",
      ),
    access: oneOf("one-pod", "one-node", "any-node")
      .optional()
      .describe(
        "Who mounts a disk or claim at the same time. `one-pod`: one replica of one service, or jobs one after the other; `one-node`: several pods, all of which are put on one node; `any-node`: pods of any node, for a claim that can (ReadWriteMany or ReadOnlyMany). Default: `one-pod`.",
      ),
    keep: z
      .boolean()
      .optional()
      .describe(
        "Whether a disk stays when the stack goes: `up` refuses to remove or replace it, `destroy` leaves it, or is refused where the stack made the cluster. Default: true.",
      ),
  })
  .register(rules, {
    allowed: `a map with one of the keys ${kinds.join(", ")}`,
    example: "{ disk: 50Gi }",
  })
  .superRefine((given, context) => {
    const refuse = (path: string[], params: Words) =>
      context.addIssue({ code: "custom", path, params });
    const [kind, ...others] = kinds.filter((one) => Object.hasOwn(given, one));
    const allowed = `exactly one of ${examples}`;
    if (kind === undefined) {
      const problem = "missing: nothing says what it is";
      // A misspelt disk is reported as such, and not as missing.
      return refuse(["disk"], { problem, allowed, fix: "add one, for example disk: 50Gi" });
    }
    if (others.length > 0) {
      const problem = `${[kind, ...others].join(" and ")} at once`;
      return refuse([], { problem, allowed, fix: "make a volume of each, or remove all but one" });
    }
    for (const [key, its] of Object.entries(kindsWith)) {
      if (!Object.hasOwn(given, key) || its.includes(kind)) continue;
      refuse([key], {
        problem: `not for a ${kind}`,
        allowed: `${key} beside ${its.join(" or ")}`,
        fix: `remove ${key}`,
      });
    }
    if (kind === "disk" && given.access === "any-node") {
      refuse(["access"], {
        problem: "a disk is attached to one node",
        allowed: "one-pod, one-node",
        fix: "use a bucket, or the claim of a file system that many nodes mount; with one-node all pods that mount the disk share a node",
      });
    }
  });
