import { readConfig } from "./stacks/config";
import { refuseLostDisks } from "./stacks/disks-before";
import { buildEnvironment } from "./stacks/environment";
import { attempts } from "./stacks/failed-before";
import { clusterOfOtherStack } from "./stacks/other-stack";
import { readStateBefore } from "./stacks/state-before";

const stack = readConfig();

export = async () => {
  const before = await readStateBefore(stack);
  refuseLostDisks(stack, before);
  return buildEnvironment(stack, await clusterOfOtherStack(stack.cluster), attempts(before));
};
