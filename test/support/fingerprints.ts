import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";

/** What the linter's findings depend on besides the sources. */
const settings = ["package-lock.json", "tsconfig.json", "eslint.config.mjs"];

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");

/**
 * For each source file a fingerprint that changes with whatever the linter's findings in it can depend on, types included:
 * its own text, that of every file it imports, directly or through others, and the settings.
 * @param files all sources, as paths from the folder
 * @param folder of the settings. @default the current one
 */
export function fingerprints(files: string[], folder = "."): Record<string, string> {
  const sources = new Map<string, { text: string; hash: string; imports: string[] }>();

  function read(file: string) {
    const known = sources.get(file);
    if (known) return known;
    const text = readFileSync(join(folder, file), "utf8");
    const imports = ts.preProcessFile(text).importedFiles.flatMap(({ fileName }) => {
      const path = join(dirname(file), fileName);
      const candidates = fileName.startsWith(".")
        ? [path, `${path}.ts`, join(path, "index.ts")]
        : [];
      return candidates.filter((it) => /\.\w+$/.test(it) && existsSync(join(folder, it)));
    });
    const source = { text, hash: hashOf(text), imports };
    sources.set(file, source);
    return source;
  }
  function closure(file: string, seen = new Set<string>()): Set<string> {
    if (seen.has(file)) return seen;
    seen.add(file);
    for (const imported of read(file).imports) closure(imported, seen);
    return seen;
  }

  // Types that are added to modules of others reach files which do not import the one that adds them.
  const everywhere = files.map((file) => read(file).text).filter((text) => /^declare /m.test(text));
  const told = settings.map((file) => readFileSync(join(folder, file), "utf8"));
  const base = hashOf([process.version, ...told, ...everywhere].join("\n"));
  const of = (file: string) =>
    hashOf([base, ...[...closure(file)].sort().map((it) => `${it} ${read(it).hash}`)].join("\n"));
  return Object.fromEntries(files.map((file) => [file, of(file)]));
}
