import { z } from "zod";
import { memoryQuantity } from "../../values/amounts";
import { ownPrefix } from "../../components/workload/volumes";
import { claimName, nameBesideOurs } from "../../values/names";
import type { Words } from "../words";
import { rules } from "../../values/rule";
import { oneOf, text } from "../../values/text";

/** Name of a volume, which its pods have beside volumes of our own. */
export const volumeName = nameBesideOurs("models", ownPrefix);

/** What a volume can be, each with the keys that go with it. */
const kinds: Readonly<Record<string, readonly ("namespace" | "access" | "keep")[]>> = {
  disk: ["namespace", "access", "keep"],
  claim: ["namespace", "access"],
  bucket: [],
  memory: [],
  nodeCache: [],
};

const kindNames = Object.keys(kinds);
const examples = "disk: 50Gi, claim: NAME, bucket: NAME, memory: 2Gi or nodeCache: 20Gi";

/** Keys of a volume, of which some exclude others. */
export const volumeKeys = z
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
    allowed: `a map with one of the keys ${kindNames.join(", ")}`,
    example: "{ disk: 50Gi }",
  });

/** A volume that services and jobs can mount. */
export const volume = volumeKeys.superRefine((given, context) => {
  const found = kindNames.filter((kind) => Object.hasOwn(given, kind));
  const [kind] = found;
  const custom = (path: string[], params: Words) =>
    context.addIssue({ code: "custom", path, params });
  if (kind === undefined || found.length > 1) {
    // A misspelt disk is reported as such, and not as missing.
    custom(kind === undefined ? ["disk"] : [], {
      problem:
        kind === undefined ? "missing: nothing says what it is" : `${found.join(" and ")} at once`,
      allowed: `exactly one of ${examples}`,
      fix:
        kind === undefined
          ? "add one, for example disk: 50Gi"
          : "make a volume of each, or remove all but one",
    });
    return;
  }
  const known: readonly string[] = kinds[kind] ?? [];
  for (const key of ["namespace", "access", "keep"].filter((one) => Object.hasOwn(given, one))) {
    if (known.includes(key)) continue;
    const of = Object.entries(kinds).filter(([, keys]) => keys.some((one) => one === key));
    custom([key], {
      problem: `not for a ${kind}`,
      allowed: `${key} beside ${of.map(([its]) => its).join(" or ")}`,
      fix: `remove ${key}`,
    });
  }
  if (kind === "disk" && given.access === "any-node") {
    custom(["access"], {
      problem: "a disk is attached to one node",
      allowed: "one-pod, one-node",
      fix: "use a bucket, or the claim of a file system that many nodes mount; with one-node all pods that mount the disk share a node",
    });
  }
});

/** Who mounts a disk or claim at the same time. */
export type VolumeAccess = "one-pod" | "one-node" | "any-node";
