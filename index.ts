import { clusterUid } from "./rollouts/cluster";
import { watchRollouts } from "./rollouts/in-program";
import { clusterAsBefore, refuseOtherKind } from "./stacks/before/cluster";
import { refuseLostDisks } from "./stacks/before/disks";
import { attempts, limitedServices } from "./stacks/before/entries";
import { readStateBefore } from "./stacks/before/state";
import { zonesAsBefore } from "./stacks/before/zones";
import { readConfig } from "./stacks/config";
import { buildEnvironment } from "./stacks/environment";
import { clusterOfOtherStack } from "./stacks/other-stack";

const stack = readConfig();

export = async () => {
  const before = await readStateBefore(stack);
  refuseOtherKind(stack, before);
  refuseLostDisks(stack, before);
  const { withoutZones } = zonesAsBefore(stack, before);
  const other = await clusterOfOtherStack(stack.cluster);
  const cluster = await clusterAsBefore(stack, before, other, clusterUid);
  const left = {
    attempts: attempts(before),
    limited: limitedServices(before),
    cluster,
    withoutZones,
  };
  return buildEnvironment(stack, other, left, watchRollouts);
};
