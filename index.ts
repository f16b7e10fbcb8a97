import { readConfig } from "./stacks/config";
import { buildEnvironment } from "./stacks/environment";

export = buildEnvironment(readConfig());
