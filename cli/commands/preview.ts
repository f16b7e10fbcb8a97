import { appendFileSync } from "node:fs";
import type { Command } from "commander";
import { checkout } from "../../local/folder";
import { provideEngine, pulumi } from "../engine";
import { keepPreviews } from "../previews";
import { comment } from "../markdown";
import { action, command, jsonOption } from "../options";
import { readPreview, type StackPreview } from "../preview-output";
import { stacksIn } from "../stack-files";

interface Options {
  out?: string;
  skipped?: string;
  json?: boolean;
}

/** `npm run preview`. */
export function preview(program: Command): void {
  command(program, "preview", {
    does: "Prints as Markdown what pulumi up would do to stacks.",
    examples: ["prod", "--out previews prod staging"],
  })
    .argument("[stacks...]", "names of the stacks; without any, all that have a file")
    .option("--out <folder>", "also write each preview to <stack>.json in a folder")
    .option("--skipped <why>", "preview nothing, and say why")
    .addOption(jsonOption("the previews"))
    .action(action(run));
}

async function run(named: string[], { out, skipped, json = false }: Options): Promise<number> {
  const stacks = named.length > 0 ? named : stacksIn(checkout);
  if (!skipped) await provideEngine();
  const previews: StackPreview[] = [];
  for (const stack of stacks) {
    previews.push(
      skipped ? { stack, changes: [], errors: [], warnings: [], skipped } : await ask(stack),
    );
  }
  const text = comment(previews);
  console.log(json ? JSON.stringify(previews) : text);
  if (out) keepPreviews(out, previews);
  const summary = process.env.GITHUB_STEP_SUMMARY;
  if (summary) appendFileSync(summary, text);
  return previews.some(({ errors }) => errors.length > 0) ? 1 : 0;
}

async function ask(stack: string): Promise<StackPreview> {
  // Loading it takes longer than all that help needs.
  const { unreachableCluster } = await import("../reachable.js");
  // Of a cluster that does not answer, the provider previews that all is to be created.
  const away = await unreachableCluster(stack, checkout, (args) => pulumi(args));
  if (away !== undefined) return { stack, changes: [], errors: [away], warnings: [] };
  const { code, stdout, stderr } = await pulumi(["preview", "--json", "--stack", stack]);
  const answer = readPreview(stack, stdout, stderr);
  if (code === 0 || answer.errors.length > 0) return answer;
  return { ...answer, errors: [stderr.trim() || `pulumi preview ended with exit code ${code}`] };
}
