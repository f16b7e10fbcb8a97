import { z } from "zod";
import { run as runCommand } from "../process/run";
import { comment, marker } from "./markdown";
import { previewsIn } from "./preview-output";

/** Prints the previews in a folder, or writes them as a comment where it is said of which pull request. */
export async function run(folder: string): Promise<number> {
  const body = comment(previewsIn(folder));
  const { GITHUB_REPOSITORY: repository, PULL_REQUEST: number } = process.env;
  if (!repository || !number) {
    console.log(body);
    return 0;
  }
  const gh: Gh = async (args, input) => (await runCommand("gh", args, { input })).stdout;
  console.log(`comment ${await publish(body, repository, Number(number), gh)}`);
  return 0;
}

/** Runs GitHub's command line and returns what it printed. */
type Gh = (args: string[], input?: string) => Promise<string>;

/** Number, author and text of a comment. */
const known = z.tuple([z.number(), z.string(), z.string()]);

/** Who writes comments with the token of a workflow run. */
const author = "github-actions[bot]";

/** Writes the comment of a pull request, over the one of an earlier run if there is one. */
export async function publish(
  body: string,
  repository: string,
  pullRequest: number,
  gh: Gh,
): Promise<"updated" | "created"> {
  const comments = `repos/${repository}/issues/${pullRequest}/comments`;
  const jq = ".[] | [.id, .user.login, .body] | @json";
  const listed = await gh(["api", "--paginate", `${comments}?per_page=100`, "--jq", jq]);
  const mine = listed
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => known.parse(JSON.parse(line)))
    .find(([, login, text]) => login === author && text.startsWith(marker));
  const to = mine
    ? ["--method", "PATCH", `repos/${repository}/issues/comments/${mine[0]}`]
    : ["--method", "POST", comments];
  await gh(["api", ...to, "--input", "-"], JSON.stringify({ body }));
  return mine ? "updated" : "created";
}
