import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { StackPreview } from "./preview-output";

/** Keeps previews in a folder, for other jobs of CI. */
export function keepPreviews(folder: string, previews: readonly StackPreview[]): void {
  mkdirSync(folder, { recursive: true });
  for (const one of previews) {
    writeFileSync(path.join(folder, `${one.stack}.json`), JSON.stringify(one));
  }
}

/** The previews of such a folder, in the order of their stacks. */
export function keptPreviews(folder: string): StackPreview[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file) => JSON.parse(readFileSync(path.join(folder, file), "utf8")) as StackPreview);
}
