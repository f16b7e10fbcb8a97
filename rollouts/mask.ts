/** Blanks secret values in a text. */
export type Mask = (text: string) => string;

/** Shortest text that is masked: shorter ones stand in too many words. */
const shortest = 4;

/** A mask for these values, as they are and as JSON writes them; of a value of several lines each line is masked by itself. */
export function maskOf(values: readonly string[]): Mask {
  const lines = values
    .flatMap((value) => value.split(/\r\n|\r|\n/))
    .map((line) => line.trim())
    .filter((line) => line.length >= shortest);
  const texts = new Set(lines.flatMap((line) => [line, JSON.stringify(line).slice(1, -1)]));
  if (texts.size === 0) return (text) => text;
  // The longest first: one may be a part of another.
  const parts = [...texts].sort((a, b) => b.length - a.length).map(escaped);
  const pattern = new RegExp(parts.join("|"), "g");
  return (text) => text.replace(pattern, "[secret]");
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
