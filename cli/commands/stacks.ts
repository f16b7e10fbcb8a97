import type { Command } from "commander";
import { checkout } from "../../local/folder";
import { action, command, previewsArgument } from "../options";
import { stacksIn } from "../stack-files";
import { previewsIn } from "../previews";

/** `npm run stacks`. */
export function stacks(program: Command): void {
  command(program, "stacks", {
    does: "Lists the stacks that have a file as a JSON array, or those of them that their previews would change.",
    examples: ["", "previews"],
  })
    .addArgument(previewsArgument("[folder]"))
    .action(action(list));
}

function list(folder?: string): number {
  console.log(JSON.stringify(folder === undefined ? stacksIn(checkout) : changed(folder)));
  return 0;
}

function changed(folder: string): string[] {
  return previewsIn(folder)
    .filter(({ changes, errors }) => changes.length > 0 && errors.length === 0)
    .map(({ stack }) => stack);
}
