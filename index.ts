import { readConfig } from "./stacks/config";
import { buildEnvironment } from "./stacks/environment";
import { clusterOfOtherStack } from "./stacks/other-stack";

const stack = readConfig();

export = async () => buildEnvironment(stack, await clusterOfOtherStack(stack.cluster));
