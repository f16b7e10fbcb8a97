import { readdirSync } from "node:fs";
import { checkout } from "../local/folder";
import { previewsIn } from "./preview-output";

/** Prints the names of all stacks, or of those that their previews in a folder would change. */
export function run(folder?: string): number {
  const changed = (previews: string) =>
    previewsIn(previews)
      .filter(({ changes, errors }) => changes.length > 0 && errors.length === 0)
      .map(({ stack }) => stack);
  console.log(JSON.stringify(folder === undefined ? stacksIn(checkout) : changed(folder)));
  return 0;
}

/** Names of the stacks that a folder has a file for, in alphabetical order. */
export function stackFilesIn(folder: string): string[] {
  return readdirSync(folder)
    .flatMap((file) => /^Pulumi\.([\w.-]+)\.yaml$/.exec(file)?.[1] ?? [])
    .sort();
}

/** Those of them that are previewed and applied for others; `dev` is for one's own machine and left out. */
export function stacksIn(folder: string): string[] {
  return stackFilesIn(folder).filter((stack) => stack !== "dev");
}
