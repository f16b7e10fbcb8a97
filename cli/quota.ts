import { parseArgs } from "node:util";
import type { Finding } from "../components/clouds/rules/rule";
import { Fault, sentenceFor } from "../process/fault";
import { problemLines, StackProblems } from "../stacks/problems";
import { lookUp, type LookUp } from "./quota-look-up";

const usage =
  "Which stack? npm run quota -- <stack> [--json], such as: npm run quota -- gke (for Pulumi.gke.yaml).";

/** Exit code where nobody could tell: no answer, no stack file, no login. */
const unanswered = 2;

async function main(): Promise<number> {
  const { values, positionals } = given();
  const [stack, ...others] = positionals;
  if (stack === undefined || others.length > 0) throw new Fault(usage);
  const path = /\.ya?ml$/.test(stack) ? stack : `Pulumi.${stack}.yaml`;
  const found = await lookUp(path);
  if (!found) {
    const nothing = { stack, quotas: [], missing: [], remarks: [], unasked: [] };
    console.log(
      values.json
        ? JSON.stringify(nothing, null, 2)
        : `${path} takes a cluster that is there already, whose quotas are its owner's: there is nothing to ask.`,
    );
    return 0;
  }
  console.log(values.json ? JSON.stringify(found, infinite, 2) : report(path, found));
  if (found.missing.length > 0) return 1;
  return found.unasked.length > 0 ? unanswered : 0;
}

function given() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { json: { type: "boolean", default: false } },
    });
  } catch {
    throw new Fault(usage);
  }
}

function report(file: string, found: LookUp): string {
  const { cloud, region, account, missing, remarks, unasked, quotas } = found;
  const at = `${region}${account === undefined ? "" : ` (${account})`} on ${cloud}`;
  const head =
    missing.length > 0
      ? `${counted(missing.length, "thing")} missing in ${at}; nothing was created or changed.`
      : `${unasked.length > 0 ? "What could be asked is there" : "Nothing is missing"} in ${at}.`;
  const rows = quotas.map(
    ({ quota, amount, unit, limit, used }) =>
      `  ${quota}: ${amount} ${unit} needed, ${limit === undefined ? "limit not told" : `${limit} granted`}${used === undefined ? "" : `, ${used} in use`}`,
  );
  return [
    head,
    ...section(file, missing.flatMap(lines)),
    ...section("To know", remarks.flatMap(lines)),
    ...section(
      "Not answered",
      unasked.map((sentence) => `  ${sentence}`),
    ),
    ...section("Quotas, all pools at nodes.max", rows),
  ].join("\n");
}

function section(title: string, rows: readonly string[]): string[] {
  return rows.length > 0 ? ["", title, ...rows] : [];
}

function lines({ path, what, found, allowed, remedy }: Finding): string[] {
  return problemLines("  ", { path, problem: what, found, allowed, fix: remedy });
}

function counted(many: number, of: string): string {
  return `${many} ${of}${many === 1 ? " is" : "s are"}`;
}

/** JSON has no number without limit. */
function infinite(_: string, value: unknown): unknown {
  return value === Infinity ? "unlimited" : value;
}

main().then(
  (code) => (process.exitCode = code),
  (thrown: unknown) => {
    console.error(thrown instanceof StackProblems ? thrown.message : sentenceFor(thrown));
    // Node keeps the time limit of a command that does not exist running.
    process.exit(unanswered);
  },
);
