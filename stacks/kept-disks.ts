import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { keptAnnotation } from "../components/workload/disk";
import type { Stack } from "./stack";

const told = z.object({ outputs: z.record(z.string(), z.unknown()) });

const keptClaim = z.object({
  metadata: z.object({
    namespace: z.string(),
    annotations: z.object({ [keptAnnotation]: z.string() }),
  }),
});

/** A disk of the last `up` that is kept. */
export interface KeptDisk {
  /** Name of its volume in the stack file. */
  name: string;
  /** Namespace it is in. */
  namespace: string;
}

/** Refuses an `up` or preview that would drop or move a disk that is kept, before anything is registered. */
export async function refuseDroppedDisks(stack: Stack): Promise<void> {
  const stackName = [pulumi.getOrganization(), pulumi.getProject(), stack.name].join("/");
  // What the engine's own references to stacks are made of; it makes no resource.
  const answer: unknown = await pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", {
    stackName,
  });
  const refused = dropped(keptDisks(answer), stack);
  if (refused.length > 0) throw new pulumi.RunError(refused.join("\n"));
}

/** The kept disks among the resources of a state. */
export function keptDisks(answer: unknown): KeptDisk[] {
  const { outputs } = told.parse(answer);
  return Object.values(outputs).flatMap((resource) => {
    const claim = z.object({ outputs: keptClaim }).safeParse(resource);
    if (!claim.success) return [];
    const { namespace, annotations } = claim.data.outputs.metadata;
    const name = annotations[keptAnnotation];
    return name === undefined ? [] : [{ name, namespace }];
  });
}

/** What is wrong with a stack that no longer has a kept disk where it is. */
export function dropped(kept: readonly KeptDisk[], { volumes }: Pick<Stack, "volumes">): string[] {
  return kept.flatMap(({ name, namespace }) => {
    const volume = volumes[name];
    const stays = volume?.kind === "disk" && volume.namespace === namespace;
    if (stays) return [];
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
