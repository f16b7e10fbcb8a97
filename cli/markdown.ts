import type { Change, FieldChange, Operation, StackPreview } from "./preview-output";

/** Tells the comment of these previews from all others. */
export const marker = "<!-- gpu-serving: preview of the stack files -->";

/** Characters that GitHub takes in one comment, less some reserve. */
const longest = 60_000;
/** Changes up to which a stack's table is not folded. */
const few = 8;
/** Changes that are named in a warning. */
const mostNamed = 20;
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
  const page = (...parts: string[]) => [marker, table(previews), ...parts].join("\n\n") + "\n";
  const sections = (withFields: boolean) => previews.flatMap((one) => section(one, withFields));
  const tooLong = (what: string) => `_Too long for one comment: ${what} in the log of the run._`;
  const pages = [
    page(...sections(true)),
    page(...sections(false), tooLong("the fields that change are")),
  ];
  return pages.find((text) => text.length <= longest) ?? page(tooLong("the changes are"));
}

function table(previews: readonly StackPreview[]): string {
  const rows = previews.map((preview) => {
    const { stack, changes, skipped, errors } = preview;
    const count = (...of: Operation[]) =>
      changes.filter(({ operation }) => of.includes(operation)).length;
    const strong = (many: number) => (many > 0 ? `**${many}**` : "0");
    const cells =
      skipped !== undefined || errors.length > 0
        ? ["", "", "", ""]
        : [
            ...[`${count("create", "import")}`, `${count("update")}`],
            ...[strong(count("replace")), strong(count("delete"))],
          ];
    return `| ${[code(stack), ...cells, verdict(preview)].join(" | ")} |`;
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
  const { stack, changes, errors, warnings, models = [], skipped } = preview;
  if (skipped) return [`### ${code(stack)}`, skipped.replace(/^/gm, "> ")];
  const parts = [
    ...errors.map((error) => `❌ **Error**\n\n${fenced(error)}`),
    ...attention(changes.filter(isLoud)),
    ...changeTable(changes, withFields),
    ...(models.length > 0 ? [folded(models, "model", fenced(models.join("\n")))] : []),
    ...(warnings.length > 0 ? [folded(warnings, "warning", fenced(warnings.join("\n")))] : []),
  ];
  return parts.length > 0 ? [`### ${code(stack)}`, ...parts] : [];
}

function attention(loud: readonly Change[]): string[] {
  if (loud.length === 0) return [];
  const shown = loud.slice(0, mostNamed).map(({ operation, kind, name }) => {
    const what = operation === "delete" ? "Deletes" : "Deletes and makes anew";
    return `> - ${what} ${kind} ${code(name)}`;
  });
  const more = loud.length - shown.length;
  return [["> [!WARNING]", ...shown, ...(more > 0 ? [`> - and ${more} more`] : [])].join("\n")];
}

function changeTable(changes: readonly Change[], withFields: boolean): string[] {
  if (changes.length === 0) return [];
  const rows = changes.map(({ operation, kind, name, fields }) => {
    const what = withFields ? fields.map(fieldText).join("<br>") : "";
    return `| ${signs[operation]} | ${kind} ${code(name)} | ${what} |`;
  });
  const text = ["| | resource | what changes |", "| --- | --- | --- |", ...rows].join("\n");
  return [changes.length > few ? folded(changes, "change", text) : text];
}

function fieldText({ path, before, after, forcesReplacement }: FieldChange): string {
  const value = (text: string | undefined) => (text === undefined ? "_none_" : code(text));
  const isKnown = before !== undefined || after !== undefined;
  const change = isKnown ? `: ${value(before)} → ${value(after)}` : "";
  return `${code(path)}${change}${forcesReplacement ? " **(forces the replacement)**" : ""}`;
}

const folded = ({ length }: readonly unknown[], of: string, text: string) =>
  `<details><summary>${length} ${of}${length === 1 ? "" : "s"}</summary>\n\n${text}\n\n</details>`;

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
