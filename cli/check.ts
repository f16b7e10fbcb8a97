import path from "node:path";
import { checkout } from "../local/folder";
import { readStackFile } from "../stacks/config";
import { StackProblems } from "../stacks/problems";
import { stacksIn } from "./stacks";

/** Says what is wrong with the stack files; 1 where one has a problem. */
export function run({ json = false }: { json?: boolean }): number {
  const checked = stacksIn(checkout).map(checkStack);
  const right = checked.every(({ errors }) => errors.length === 0);
  if (json) console.log(JSON.stringify(checked));
  else {
    for (const { errors, warnings } of checked) {
      // In a preview the cluster prints them itself; here nobody else does.
      for (const text of warnings) console.error(`warning: ${text}`);
      for (const text of errors) console.error(text);
    }
    if (right) console.log("The stack files have no problem.");
  }
  return right ? 0 : 1;
}

function checkStack(stack: string) {
  try {
    const { warnings } = readStackFile(path.join(checkout, `Pulumi.${stack}.yaml`));
    return { stack, errors: [], warnings };
  } catch (thrown) {
    if (!(thrown instanceof StackProblems)) throw thrown;
    return { stack, errors: [thrown.message], warnings: [] };
  }
}
