import path from "node:path";
import { checkout } from "../local/folder";
import { readStackFile } from "../stacks/config";
import { placedServices, placementLine, type PlacedService } from "../stacks/model/placement-text";
import { noteLine, StackProblems, UnseenValues } from "../stacks/problems";
import { stackFilesIn } from "./stacks";

/** Says what is wrong with the stack files; 1 where one has a problem. */
export function run({ json = false }: { json?: boolean }): number {
  const checked = checkStacks(checkout);
  const right = checked.every(({ errors }) => errors.length === 0);
  if (json) console.log(JSON.stringify(checked));
  else {
    for (const { stack, placements, errors, warnings } of checked) {
      for (const placed of placements) console.log(`${stack}: ${placementLine(placed)}`);
      // In a preview the cluster prints them itself; here nobody else does.
      for (const text of warnings) console.error(`warning: ${text}`);
      for (const text of errors) console.error(text);
    }
    if (right) console.log("The stack files have no problem.");
  }
  return right ? 0 : 1;
}

/** What is known of a stack by its files. */
interface Checked {
  stack: string;
  /** Where its models go, what they cost there and why they go nowhere else. */
  placements: PlacedService[];
  errors: string[];
  warnings: string[];
}

/** What is wrong with each stack file of a folder, also with that of one's own machine. */
export function checkStacks(folder: string): Checked[] {
  return stackFilesIn(folder).map((stack) => checkStack(stack, folder));
}

/** What is wrong with the file of a stack in a folder; what its environment may have is only warned of. */
export function checkStack(stack: string, folder: string): Checked {
  const checked = { stack, placements: [], errors: [], warnings: [] };
  try {
    const { placements, warnings } = readStackFile(path.join(folder, `Pulumi.${stack}.yaml`));
    return { ...checked, placements: placedServices(placements), warnings };
  } catch (thrown) {
    if (thrown instanceof UnseenValues) {
      return { ...checked, warnings: thrown.problems.map(noteLine) };
    }
    if (!(thrown instanceof StackProblems)) throw thrown;
    return { ...checked, errors: [thrown.message] };
  }
}
