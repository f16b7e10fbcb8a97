import type { Change, FieldChange, Operation, StackPreview } from "./preview-output";

/** Tells the comment of these previews from all others. */
export const marker = "<!-- gpu-serving: preview of the stack files -->";

/** Characters that GitHub takes in one comment, less some reserve. */
const longest = 60_000;
/** Changes up to which a stack's table is not folded. */
const few = 8;
const longestValue = 120;

const signs: Record<Operation, string> = {
  create: "➕ create",
  import: "📥 import",
  update: "✏️ update",
  replace: "♻️ **replace**",
  delete: "🗑️ **delete**",
};

/** The previews of all stacks as one comment: counts first, then each stack with what needs attention on top. */
export function comment(previews: readonly StackPreview[]): string {
  const whole = page(previews, true);
  if (whole.length <= longest) return whole;
  const note = "_Too long for one comment: the fields that change are in the log of the run._";
  const short = `${page(previews, false)}\n${note}\n`;
  if (short.length <= longest) return short;
  return `${marker}\n${table(previews)}\n\n_Too long for one comment: the changes are in the log of the run._\n`;
}

function page(previews: readonly StackPreview[], withFields: boolean): string {
  const parts = previews.flatMap((preview) => section(preview, withFields));
  return [marker, table(previews), ...parts].join("\n\n") + "\n";
}

function table(previews: readonly StackPreview[]): string {
  const rows = previews.map((preview) => {
    const number = (...operations: Operation[]) =>
      preview.changes.filter(({ operation }) => operations.includes(operation)).length;
    const strong = (many: number) => (many > 0 ? `**${many}**` : "0");
    const counts = [number("create", "import"), number("update")].map(String);
    const loud = [strong(number("replace")), strong(number("delete"))];
    const unknown = preview.skipped !== undefined || preview.errors.length > 0;
    const cells = unknown ? ["", "", "", ""] : [...counts, ...loud];
    return `| ${[code(preview.stack), ...cells, verdict(preview)].join(" | ")} |`;
  });
  return [
    "## What the stack files would change",
    "",
    "| stack | created | updated | replaced | deleted | |",
    "| --- | ---: | ---: | ---: | ---: | --- |",
    ...rows,
  ].join("\n");
}

function verdict({ skipped, errors, changes }: StackPreview): string {
  if (skipped) return "not previewed";
  if (errors.length > 0) return "❌ fails: nothing would be applied";
  if (changes.length === 0) return "no change";
  return changes.some(isLoud) ? "⚠️ replaces or deletes" : "";
}

const isLoud = ({ operation }: Change) => operation === "replace" || operation === "delete";

function section(preview: StackPreview, withFields: boolean): string[] {
  const { stack, changes, errors, warnings, skipped } = preview;
  if (skipped) return [`### ${code(stack)}`, quoted(skipped)];
  if (changes.length + errors.length + warnings.length === 0) return [];
  const loud = changes.filter(isLoud);
  return [
    `### ${code(stack)}`,
    ...errors.map((error) => `❌ **Error**\n\n${fenced(error)}`),
    ...(loud.length > 0 ? [attention(loud)] : []),
    ...(changes.length > 0 ? [changeTable(changes, withFields)] : []),
    ...(warnings.length > 0
      ? [folded(counted(warnings.length, "warning"), fenced(warnings.join("\n")))]
      : []),
  ];
}

function attention(loud: readonly Change[]): string {
  const shown = loud.slice(0, 20).map(({ operation, kind, name }) => {
    const what = operation === "delete" ? "Deletes" : "Deletes and makes anew";
    return `> - ${what} ${kind} ${code(name)}`;
  });
  const more = loud.length > 20 ? [`> - and ${loud.length - 20} more`] : [];
  return ["> [!WARNING]", ...shown, ...more].join("\n");
}

function changeTable(changes: readonly Change[], withFields: boolean): string {
  const rows = changes.map(({ operation, kind, name, fields }) => {
    const what = withFields ? fields.map(fieldText).join("<br>") : "";
    return `| ${signs[operation]} | ${kind} ${code(name)} | ${what} |`;
  });
  const text = ["| | resource | what changes |", "| --- | --- | --- |", ...rows].join("\n");
  return changes.length > few ? folded(counted(changes.length, "change"), text) : text;
}

function fieldText({ path, before, after, forcesReplacement }: FieldChange): string {
  const value = (text: string | undefined) => (text === undefined ? "_none_" : code(text));
  const change =
    before === undefined && after === undefined ? "" : `: ${value(before)} → ${value(after)}`;
  return `${code(path)}${change}${forcesReplacement ? " **(forces the replacement)**" : ""}`;
}

const folded = (title: string, text: string) =>
  `<details><summary>${title}</summary>\n\n${text}\n\n</details>`;

const counted = (many: number, of: string) => `${many} ${of}${many === 1 ? "" : "s"}`;

const quoted = (text: string) => text.replace(/^/gm, "> ");

/** Text as it is, in a block that it cannot end. */
function fenced(text: string): string {
  const ticks = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length)) + 1;
  const fence = "`".repeat(ticks);
  return `${fence}text\n${text}\n${fence}`;
}

/** Text as it is, on one line of a table: whoever wrote it can neither mention people nor set links. */
function code(text: string): string {
  const line = text.replace(/\s+/g, " ").replaceAll("`", "'").replaceAll("|", "\\|");
  return `\`${line.length > longestValue ? `${line.slice(0, longestValue)}…` : line}\``;
}
