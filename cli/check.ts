import path from "node:path";
import { checkout } from "../local/folder";
import { readStackFile } from "../stacks/config";
import { StackProblems } from "../stacks/problems";
import { command } from "./command";
import { stacksIn } from "./stack-files";

/** `npm run check:stacks`: whether the stack files are right, as far as can be told without engine, cloud or credentials. */
function check(): number {
  const wrong = stacksIn(checkout).filter((stack) => {
    try {
      const { warnings } = readStackFile(path.join(checkout, `Pulumi.${stack}.yaml`));
      // In a preview the cluster says them itself; here nobody else does.
      for (const text of warnings) console.error(`warning: ${text}`);
      return false;
    } catch (thrown) {
      if (!(thrown instanceof StackProblems)) throw thrown;
      console.error(thrown.message);
      return true;
    }
  });
  if (wrong.length === 0) console.log("The stack files have no problem.");
  return wrong.length > 0 ? 1 : 0;
}

command(check);
