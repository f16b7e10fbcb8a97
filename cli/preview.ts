import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { checkout } from "../local/folder";
import { command } from "./command";
import { provideEngine, pulumi } from "./engine";
import { comment } from "./markdown";
import { readPreview, type StackPreview } from "./preview-output";
import { unreachableCluster } from "./reachable";
import { stacksIn } from "./stack-files";

/** `npm run preview -- [--out folder] [--skipped why] [stack ...]`: what `pulumi up` would do to these stacks, or to all, as Markdown. */
async function preview(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { out: { type: "string" }, skipped: { type: "string" } },
  });
  const { out, skipped } = values;
  const stacks = positionals.length > 0 ? positionals : stacksIn(checkout);
  if (!skipped) await provideEngine();
  const previews: StackPreview[] = [];
  for (const stack of stacks) {
    previews.push(
      skipped ? { stack, changes: [], errors: [], warnings: [], skipped } : await ask(stack),
    );
  }
  const text = comment(previews);
  console.log(text);
  if (out) {
    mkdirSync(out, { recursive: true });
    for (const one of previews) {
      writeFileSync(path.join(out, `${one.stack}.json`), JSON.stringify(one));
    }
  }
  const summary = process.env.GITHUB_STEP_SUMMARY;
  if (summary) appendFileSync(summary, text);
  return previews.some(({ errors }) => errors.length > 0) ? 1 : 0;
}

async function ask(stack: string): Promise<StackPreview> {
  // Of a cluster that does not answer, the provider previews that all is to be created.
  const away = await unreachableCluster(stack, checkout, (args) => pulumi(args));
  if (away !== undefined) return { stack, changes: [], errors: [away], warnings: [] };
  const { code, stdout, stderr } = await pulumi(["preview", "--json", "--stack", stack]);
  const answer = readPreview(stack, stdout, stderr);
  if (code === 0 || answer.errors.length > 0) return answer;
  return { ...answer, errors: [stderr.trim() || `pulumi preview ended with exit code ${code}`] };
}

command(preview);
