import type { Problem } from "../components/problem";
import { problemLines } from "../stacks/problems";
import type { LookUp } from "./quota-look-up";

/** What was found, for people. */
export function quotaReport(file: string, found: LookUp): string {
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

function lines(problem: Problem): string[] {
  return problemLines("  ", problem);
}

function counted(many: number, of: string): string {
  return `${many} ${of}${many === 1 ? " is" : "s are"}`;
}
