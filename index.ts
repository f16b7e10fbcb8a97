import { readConfig } from "./stacks/config";
import { refuseLostDisks } from "./stacks/disks-before";
import { buildEnvironment } from "./stacks/environment";
import { clusterOfOtherStack } from "./stacks/other-stack";

const stack = readConfig();

export = async () => {
  await refuseLostDisks(stack);
  return buildEnvironment(stack, await clusterOfOtherStack(stack.cluster));
};
