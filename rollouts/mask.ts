/** Blanks secret values in a text. */
export type Mask = (text: string) => string;

/** Shortest text that is masked: shorter ones stand in too many words. */
const shortest = 4;

/**
 * A mask for these values: as they are, and as a reader finds them behind control characters or the escapes of JSON. Of a value of
 * several lines each line is masked by itself, of a JSON object or list also each string in it.
 */
export function maskOf(values: readonly string[]): Mask {
  const lines = values
    .flatMap((value) => [value, ...leavesOf(value)])
    .flatMap((value) => value.split(/\r\n|\r|\n/))
    .flatMap((line) => [line, ...levels.map((level) => seenAt(level, line))])
    .map((line) => line.trim())
    .filter((line) => line.length >= shortest);
  const texts = new Set(lines.flatMap((line) => [line, JSON.stringify(line).slice(1, -1)]));
  if (texts.size === 0) return (text) => text;
  // The longest first: one may be a part of another.
  const parts = [...texts].sort((a, b) => b.length - a.length).map(escaped);
  const pattern = new RegExp(parts.join("|"), "g");
  const blanked = (text: string) => text.replace(pattern, "[secret]");
  return (text) => {
    let shown = text;
    // The deepest first, for the same reason.
    for (const level of levels) {
      const plain = seenAt(level, shown);
      const masked = blanked(plain);
      if (masked !== plain) shown = masked;
    }
    return blanked(shown);
  };
}

/** How often a text may be written as JSON: a program's log line is, and once more in that of a node's agent. */
const levels = [2, 1, 0];

/** What a reader sees who undoes the escapes of JSON so often. */
function seenAt(level: number, text: string): string {
  return level === 0 ? withoutControls(text) : seenAt(level - 1, unescaped(text));
}

/** A text as the writer of its JSON had it; what ends a line or moves the cursor stays written as an escape. */
function unescaped(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(["/\\]))/g, (_, code?: string, itself = "") =>
    code === undefined ? String(itself) : String.fromCharCode(parseInt(code, 16)),
  );
}

/** The strings in a JSON object or list; none in any other text. */
function leavesOf(value: string): string[] {
  if (!/^\s*[[{]/.test(value)) return [];
  try {
    return stringsIn(JSON.parse(value));
  } catch {
    return [];
  }
}

function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

/** A text without what would move the cursor or colour the screen. */
export function withoutControls(text: string): string {
  return text
    .replace(/\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?)/g, "")
    .replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, "");
}
