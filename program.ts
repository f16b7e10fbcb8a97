import { clusterUid as uidOf, imagesOnNodes } from "./rollouts/cluster";
import { watchRollouts } from "./rollouts/in-program";
import { failedLogin } from "./rollouts/reach";
import { clusterAsBefore, refuseOtherKind } from "./stacks/before/cluster";
import { refuseLostDisks } from "./stacks/before/disks";
import { attempts, limitedServices } from "./stacks/before/entries";
import { refuseOnOtherCluster } from "./stacks/before/entries-there";
import { refuseMissingImages } from "./stacks/before/images";
import { keepOutputs } from "./stacks/before/outputs";
import { readStateBefore } from "./stacks/before/state";
import { firstMachineAsBefore, zonesAsBefore } from "./stacks/before/zones";
import { buildEnvironment, type Outputs } from "./stacks/environment";
import { clusterOfOtherStack } from "./stacks/other-stack";
import type { Stack } from "./stacks/stack";

/**
 * Makes everything that a stack file describes, as `pulumi up` in this repository does: it takes up what the last run left, refuses
 * to lose a kept disk or the cluster, and reports why pods do not start.
 */
export async function deployStack(stack: Stack): Promise<Outputs> {
  await keepOutputs();
  const before = await readStateBefore(stack);
  refuseOtherKind(stack, before);
  refuseLostDisks(stack, before);
  const { withoutZones } = zonesAsBefore(stack, before);
  const other = await clusterOfOtherStack(stack.cluster);
  refuseOnOtherCluster(stack, other);
  const cluster = await clusterAsBefore(stack, before, other, { uidOf, failedLogin });
  await refuseMissingImages(stack, imagesOnNodes);
  const left = {
    attempts: attempts(before),
    limited: limitedServices(before),
    cluster,
    aks: { withoutZones, firstMachine: firstMachineAsBefore(stack, before) },
  };
  return buildEnvironment(stack, other, left, watchRollouts);
}
