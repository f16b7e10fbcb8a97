import { readConfig } from "./stacks/config";
import { buildEnvironment } from "./stacks/environment";
import { refuseDroppedDisks } from "./stacks/kept-disks";
import { clusterOfOtherStack } from "./stacks/other-stack";

const stack = readConfig();

export = async () => {
  await refuseDroppedDisks(stack);
  return buildEnvironment(stack, await clusterOfOtherStack(stack.cluster));
};
