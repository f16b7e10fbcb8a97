import { appendFileSync } from "node:fs";
import { checkout } from "../local/folder";
import { checkStack } from "./check";
import { provideEngine, pulumi } from "./engine";
import { comment } from "./markdown";
import { keepPreviews, readOutput, type StackPreview } from "./preview-output";
import { unreachableCluster } from "./reachable";
import { stacksIn } from "./stacks";
import { placementLine } from "../stacks/model/placement-text";

/** Previews stacks, all that have a file where none is named; 1 where one has an error. */
export async function run(
  named: string[],
  { out, skipped, json = false }: { out?: string; skipped?: string; json?: boolean },
): Promise<number> {
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
  // Of a cluster that does not answer, the provider previews that all is to be created.
  const away = await unreachableCluster(stack, checkout, pulumi);
  if (away !== undefined) return { stack, changes: [], errors: [away], warnings: [] };
  const { preview } = readOutput(stack, await pulumi(["preview", "--json", "--stack", stack]));
  const models = checkStack(stack, checkout).placements.map(placementLine);
  return models.length > 0 ? { ...preview, models } : preview;
}
