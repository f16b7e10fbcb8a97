import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readIfThere } from "../process/files";

/** What one run of a command took. */
export interface Measured {
  /** Wall-clock seconds. */
  seconds: number;
  /** Largest peak of a node process in it, in MiB; 0 where none ran. */
  peakMiB: number;
}

/** Runs `work` with an environment that makes its node processes report their memory. */
export async function measured(
  work: (env: NodeJS.ProcessEnv) => Promise<unknown>,
): Promise<Measured> {
  const file = join(tmpdir(), `peak-${process.pid}`);
  const preload = `--require ${join(__dirname, "peak.cjs")}`;
  rmSync(file, { force: true });
  const start = performance.now();
  await work({ NODE_OPTIONS: preload, PEAK_FILE: file });
  const seconds = (performance.now() - start) / 1000;
  const peaks = (readIfThere(file) ?? "").split("\n").map(Number);
  rmSync(file, { force: true });
  return { seconds, peakMiB: Math.max(...peaks) / 1024 };
}

/** The middle one of the values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
}

/** A line of a report: the medians of both, and the median of the ratios pair by pair. */
export function compared(
  what: string,
  unit: string,
  ours: readonly number[],
  baseline: readonly number[],
): string {
  const ratios = ours.map((value, at) => value / (baseline[at] ?? NaN));
  const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
  return `${what}: ${median(ours).toFixed(2)} ${unit} against ${median(baseline).toFixed(2)} ${unit}: ${median(ratios).toFixed(2)} times (${range})`;
}
