import { clusterUid } from "./rollouts/cluster";
import { watchRollouts } from "./rollouts/in-program";
import { clusterAsBefore, refuseOtherKind } from "./stacks/cluster-before";
import { readConfig } from "./stacks/config";
import { refuseLostDisks } from "./stacks/disks-before";
import { buildEnvironment } from "./stacks/environment";
import { attempts } from "./stacks/failed-before";
import { limitedServices } from "./stacks/limited-before";
import { clusterOfOtherStack } from "./stacks/other-stack";
import { readStateBefore } from "./stacks/state-before";
import { zonesAsBefore } from "./stacks/zones-before";

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
