/** A value on one line, not too long. */
export function shownValue(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 72 ? `${text.slice(0, 72)}...` : text;
}
