import { commandLine } from "./command-line";

void commandLine().parseAsync();
