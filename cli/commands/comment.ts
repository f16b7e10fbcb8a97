import type { Command } from "commander";
import { run } from "../../process/run";
import { previewsIn } from "../previews";
import { comment as commentOf } from "../markdown";
import { action, command, previewsArgument } from "../options";
import { publish } from "../pull-request";

/** `npm run preview:comment`. */
export function comment(program: Command): void {
  command(program, "comment", {
    does: "Writes previews as the one comment of a pull request, or prints them where PULL_REQUEST is not set.",
    script: "preview:comment",
    examples: ["previews"],
  })
    .addArgument(previewsArgument("<folder>"))
    .action(action(write));
}

async function write(folder: string): Promise<number> {
  const body = commentOf(previewsIn(folder));
  const { GITHUB_REPOSITORY: repository, PULL_REQUEST: number } = process.env;
  if (!repository || !number) {
    console.log(body);
    return 0;
  }
  const how = await publish(body, repository, Number(number), async (args, input) => {
    const { stdout } = await run("gh", args, { input });
    return stdout;
  });
  console.log(`comment ${how}`);
  return 0;
}
