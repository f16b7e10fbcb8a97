import { millicores } from "../catalog/cpu";

export { bytes } from "../catalog/memory";

/** Text of a duration: hours, minutes and seconds as whole numbers, in this order. */
export const durationPattern = /^(?=\d)(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/;

/** Text of a CPU quantity: cores, or thousandths of a core. */
export const cpuPattern = /^(?:\d+(?:\.\d{1,3})?|\d+m)$/;

/** Text of an amount of memory: a number with a binary or decimal unit. */
export const memoryPattern = /^\d+(?:\.\d+)?(?:[KMGT]i|[kMGT])$/;

/** Seconds of a duration such as `1h30m`; undefined if it is not one. */
export function seconds(text: string): number | undefined {
  const match = durationPattern.exec(text);
  if (!match) return undefined;
  const [hours = 0, minutes = 0, rest = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return hours * 3600 + minutes * 60 + rest;
}

/** A duration in the fewest whole units: 90 is `90s`, 600 is `10m`. */
export function duration(of: number): string {
  if (of === 0 || of % 60 !== 0) return `${of}s`;
  return of % 3600 === 0 ? `${of / 3600}h` : `${of / 60}m`;
}

/** Seconds of the duration that was probably meant: those of 5m for `5min`, of 90m for `1.5h`. */
export function nearestSeconds(text: string): number | undefined {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)\s*(s|m|h|d)[a-z]*$/i.exec(text.trim()) ?? [];
  const total = Number(amount) * ({ s: 1, m: 60, h: 3600, d: 86400 }[unit.toLowerCase()] ?? NaN);
  // Milliseconds look like minutes to the pattern, and no duration here is that short.
  return /ms|milli/i.test(text) || !Number.isInteger(total) ? undefined : total;
}

/** CPU in the form Kubernetes stores it, cores or thousandths: 0.5 is `500m`, 2 is `2`; undefined if it is not an amount above 0. */
export function cpu(of: string | number): string | undefined {
  const text = String(of);
  const thousandths = cpuPattern.test(text) ? Math.round(millicores(text)) : 0;
  if (thousandths === 0) return undefined;
  return thousandths % 1000 === 0 ? `${thousandths / 1000}` : `${thousandths}m`;
}

/** Whether the text is an amount of memory above 0. */
export function isMemory(text: string): boolean {
  return memoryPattern.test(text) && Number.parseFloat(text) > 0;
}

/** The amounts of memory that were probably meant: `8GB` is `8G` or `8Gi`, `512m` is `512Mi`. */
export function nearestMemory(text: string): string[] {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt])(i?)b?$/i.exec(text.trim());
  if (!match) return [];
  const [, amount = "", letter = "", binary = ""] = match;
  const unit = letter.toUpperCase();
  // A bare small letter nearly always means the binary unit; `512m` would be half a byte.
  if (binary || /[kmgt]$/i.test(text)) return [`${amount}${unit}i`];
  return [`${amount}${unit === "K" ? "k" : unit}`, `${amount}${unit}i`];
}
