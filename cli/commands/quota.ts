import type { Command } from "commander";
import { Fault } from "../../process/fault";
import { action, command, jsonOption } from "../options";

/** Exit code where nobody could tell: no answer, no stack file, no login. */
const unanswered = 2;

/** `npm run quota`. */
export function quota(program: Command): void {
  command(program, "quota", {
    does: "Asks the cloud whether its quotas, machines and zones suffice for a stack; changes nothing.",
    examples: ["prod", "teams/Pulumi.prod.yaml --json"],
  })
    .argument("<stack>", "name of the stack, or path of its file")
    .addOption(jsonOption("what was found"))
    .addHelpText(
      "after",
      "\nExit codes: 0 nothing is missing, 1 something is, 2 nobody could tell.",
    )
    // A call that is wrong finds nothing out either.
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : unanswered))
    .action(action(run, unanswered));
}

async function run(stack: string, { json = false }: { json?: boolean }): Promise<number> {
  const path = /\.ya?ml$/.test(stack) ? stack : `Pulumi.${stack}.yaml`;
  // Loading them takes longer than all that help needs.
  const { lookUp } = await import("../quota-look-up.js");
  const { StackProblems } = await import("../../stacks/problems.js");
  const { quotaReport } = await import("../quota-report.js");
  const found = await lookUp(path).catch((thrown: unknown) => {
    throw thrown instanceof StackProblems ? new Fault(thrown.message) : thrown;
  });
  if (!found) {
    const nothing = { stack, quotas: [], missing: [], remarks: [], unasked: [] };
    console.log(
      json
        ? JSON.stringify(nothing, null, 2)
        : `${path} takes a cluster that is there already, whose quotas are its owner's: there is nothing to ask.`,
    );
    return 0;
  }
  console.log(json ? JSON.stringify(found, infinite, 2) : quotaReport(path, found));
  if (found.missing.length > 0) return 1;
  return found.unasked.length > 0 ? unanswered : 0;
}

/** JSON has no number without limit. */
function infinite(_: string, value: unknown): unknown {
  return value === Infinity ? "unlimited" : value;
}
