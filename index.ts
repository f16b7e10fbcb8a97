import { watchRollouts } from "./rollouts/in-program";
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
  const other = await clusterOfOtherStack(stack.cluster);
  return buildEnvironment(stack, other, attempts(before), watchRollouts);
};
