import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import type { StackPreview } from "./preview-output";

const change = z.object({
  operation: z.enum(["create", "import", "update", "replace", "delete"]),
  kind: z.string(),
  name: z.string(),
  fields: z.array(
    z.object({
      path: z.string(),
      before: z.string().optional(),
      after: z.string().optional(),
      forcesReplacement: z.boolean(),
    }),
  ),
});
const preview: z.ZodType<StackPreview> = z.object({
  stack: z.string(),
  changes: z.array(change),
  errors: z.array(z.string()),
  warnings: z.array(z.string()),
  skipped: z.string().optional(),
});

/** Keeps previews in a folder, for other jobs of CI. */
export function keepPreviews(folder: string, previews: readonly StackPreview[]): void {
  mkdirSync(folder, { recursive: true });
  for (const one of previews) {
    writeFileSync(path.join(folder, `${one.stack}.json`), JSON.stringify(one));
  }
}

/** The previews that `npm run preview -- --out folder` left, by the names of their stacks. */
export function previewsIn(folder: string): StackPreview[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
  return files
    .sort()
    .map((file) => preview.parse(JSON.parse(readFileSync(path.join(folder, file), "utf8"))));
}
