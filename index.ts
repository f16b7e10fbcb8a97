import { watchRollouts } from "./rollouts/in-program";
import { refuseOtherCluster } from "./stacks/cluster-before";
import { readConfig } from "./stacks/config";
import { refuseLostDisks } from "./stacks/disks-before";
import { buildEnvironment } from "./stacks/environment";
import { attempts } from "./stacks/failed-before";
import { limitedServices } from "./stacks/limited-before";
import { clusterOfOtherStack } from "./stacks/other-stack";
import { readStateBefore } from "./stacks/state-before";
import { refuseOtherZones } from "./stacks/zones-before";

const stack = readConfig();

export = async () => {
  const before = await readStateBefore(stack);
  const other = await clusterOfOtherStack(stack.cluster);
  refuseLostDisks(stack, before);
  refuseOtherCluster(stack, before, other);
  refuseOtherZones(stack, before);
  const left = { attempts: attempts(before), limited: limitedServices(before) };
  return buildEnvironment(stack, other, left, watchRollouts);
};
