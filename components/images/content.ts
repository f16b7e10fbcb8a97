import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** What an image is built from. */
export interface BuildArgs {
  /** Folder that the build sees. */
  context: string;
  /** Path of the Dockerfile in the folder. @default "Dockerfile" */
  dockerfile?: string;
  /** Stage of the Dockerfile to build. @default the last */
  target?: string;
  /** Values of the Dockerfile's `ARG`s. @default {} */
  args?: Record<string, string>;
}

/** A tag for exactly this content: it changes when a file of the folder changes, its mode, or one of the settings. */
export function contentTag({ context, dockerfile, target, args = {} }: BuildArgs): string {
  const hash = createHash("sha256").update(JSON.stringify({ dockerfile, target, args }));
  const files = readdirSync(context, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) {
    const bytes = readFileSync(file);
    hash.update(`\0${relative(context, file)}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest("hex").slice(0, 16);
}
