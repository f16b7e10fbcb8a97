import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { keptAnnotation } from "../components/workload/labels";
import type { Stack } from "./stack";
import type { StateBefore } from "./state-before";
import { bytes } from "../values/units";

const claim = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
  spec: z.object({ resources: z.object({ requests: z.object({ storage: z.string() }) }) }),
});

/** A disk of the last `up`. */
export interface DiskBefore {
  /** Name of its volume in the stack file. */
  name: string;
  /** Namespace it is in. */
  namespace: string;
  /** Size it has, as a Kubernetes quantity. */
  size: string;
  /** Whether it is kept. */
  kept: boolean;
}

/** Refuses an `up` or preview that would drop or move a disk that is kept, or shrink any, before anything is registered. */
export function refuseLostDisks(stack: Stack, before: StateBefore): void {
  const disks = disksBefore(before);
  const refused = [...dropped(disks, stack), ...shrunk(disks, stack)];
  if (refused.length > 0) throw new pulumi.RunError(refused.join("\n"));
}

/** The disks among the resources of a state. */
export function disksBefore(before: StateBefore): DiskBefore[] {
  return [...before].flatMap(([urn, outputs]) => {
    if (!urn.includes("gpu-serving:index:Disk$kubernetes:core/v1:PersistentVolumeClaim::")) {
      return [];
    }
    const { data } = claim.safeParse(outputs);
    if (!data) return [];
    const { name, namespace, annotations = {} } = data.metadata;
    const { storage: size } = data.spec.resources.requests;
    return [{ name, namespace, size, kept: keptAnnotation in annotations }];
  });
}

/** What is wrong with a stack that no longer has a kept disk where it is. */
export function dropped(
  disks: readonly DiskBefore[],
  { volumes }: Pick<Stack, "volumes">,
): string[] {
  return disks.flatMap(({ name, namespace, kept }) => {
    const volume = volumes[name];
    const stays = volume?.kind === "disk" && volume.namespace === namespace;
    if (stays || !kept) return [];
    const found =
      volume === undefined
        ? "nothing"
        : volume.kind === "disk"
          ? `namespace ${volume.namespace}`
          : volume.kind;
    return [
      [
        `volumes.${name}: a disk that is kept would go, with all that is on it; nothing was changed.`,
        `    found:   ${found}`,
        `    allowed: the disk, in namespace ${namespace}`,
        `    do:      put it back. To give it up for good: set keep: false on it, run pulumi up, then remove it.`,
      ].join("\n"),
    ];
  });
}

/** What is wrong with a stack that has a disk smaller than it is. */
export function shrunk(
  disks: readonly DiskBefore[],
  { volumes }: Pick<Stack, "volumes">,
): string[] {
  return disks.flatMap(({ name, namespace, size }) => {
    const volume = volumes[name];
    const same = volume?.kind === "disk" && volume.namespace === namespace;
    if (!same || bytes(volume.size) >= bytes(size)) return [];
    return [
      [
        `volumes.${name}.disk: smaller than the disk is, and a disk can only grow; nothing was changed.`,
        `    found:   "${volume.size}"`,
        `    allowed: ${size} or more`,
        `    do:      write ${size}, or declare another volume of ${volume.size} and copy to it what is on this one.`,
      ].join("\n"),
    ];
  });
}
