import path from "node:path";
import type { Command } from "commander";
import { checkout } from "../../local/folder";
import { action, command, jsonOption } from "../options";
import { stacksIn } from "../stack-files";

/** What is to be said of the files of one stack. */
interface Checked {
  stack: string;
  errors: string[];
  warnings: string[];
}

/** `npm run check:stacks`. */
export function check(program: Command): void {
  command(program, "check", {
    does: "Checks all stack files without engine, cloud or credentials.",
    script: "check:stacks",
    examples: [""],
  })
    .addOption(jsonOption("the errors and warnings of each stack"))
    .action(action(run));
}

async function run({ json = false }: { json?: boolean }): Promise<number> {
  const checked: Checked[] = [];
  for (const stack of stacksIn(checkout)) checked.push(await checkStack(stack));
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

async function checkStack(stack: string): Promise<Checked> {
  // Loading them takes longer than all that help needs.
  const { readStackFile } = await import("../../stacks/config.js");
  const { StackProblems } = await import("../../stacks/problems.js");
  try {
    const { warnings } = readStackFile(path.join(checkout, `Pulumi.${stack}.yaml`));
    return { stack, errors: [], warnings: [...warnings] };
  } catch (thrown) {
    if (!(thrown instanceof StackProblems)) throw thrown;
    return { stack, errors: [thrown.message], warnings: [] };
  }
}
