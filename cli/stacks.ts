import { checkout } from "../local/folder";
import { command } from "./command";
import { previewsIn } from "./previews";
import { stacksIn } from "./stack-files";

/** `npm run stacks`: the stacks that have a file, as a JSON list; `-- folder`: those of them that their previews would change. */
function list([folder]: string[]): number {
  const stacks = folder === undefined ? stacksIn(checkout) : changed(folder);
  console.log(JSON.stringify(stacks));
  return 0;
}

function changed(folder: string): string[] {
  return previewsIn(folder)
    .filter(({ changes, errors }) => changes.length > 0 && errors.length === 0)
    .map(({ stack }) => stack);
}

command(list);
