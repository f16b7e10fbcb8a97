import { deployStack } from "./program";
import { readConfig } from "./stacks/config";

const stack = readConfig();

export = () => deployStack(stack);
