import { createHash } from "node:crypto";
import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
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

/** Build arguments by name: the order in which a file has them says nothing. */
export function inOrder(args: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(args).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * A tag for exactly this content: it changes when a file of the folder changes, becomes executable or is linked elsewhere, or
 * one of the settings. The builder builds anew for each of these, and a registry's tags cannot be moved.
 */
export function contentTag({ context, dockerfile, target, args = {} }: BuildArgs): string {
  const settings = { dockerfile, target, args: inOrder(args) };
  const hash = createHash("sha256").update(JSON.stringify(settings));
  const files = readdirSync(context, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => ({ path: join(entry.parentPath, entry.name), link: entry.isSymbolicLink() }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const { path, link } of files) {
    const bytes = link ? Buffer.from(readlinkSync(path)) : readFileSync(path);
    // Who else may read or write a file differs between checkouts; Git keeps neither.
    const kind = link ? "link\0" : (statSync(path).mode & 0o100) !== 0 ? "executable\0" : "";
    hash.update(`\0${relative(context, path)}\0${kind}${bytes.length}\0`).update(bytes);
  }
  return hash.digest("hex").slice(0, 16);
}
