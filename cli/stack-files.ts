import { readdirSync } from "node:fs";

/** Names of the stacks that a folder has a file for, in alphabetical order; `dev` is for one's own machine and left out. */
export function stacksIn(folder: string): string[] {
  return readdirSync(folder)
    .flatMap((file) => /^Pulumi\.([\w.-]+)\.yaml$/.exec(file)?.[1] ?? [])
    .filter((stack) => stack !== "dev")
    .sort();
}
